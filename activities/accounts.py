"""Which partner client serves an account."""

from collections.abc import Mapping

from activities.failures import UNKNOWN_ACCOUNT, refused
from orchestra.client import OrchestraClient
from workflows.messages import Refusal


def client_of(clients: Mapping[str, OrchestraClient], account: str) -> OrchestraClient:
    """Return the account's client.

    Raises:
        ApplicationError: This worker's settings hold no such account; not retried.
    """
    client = clients.get(account)
    if client is None:
        message = f"partner account {account!r} is not in the worker's settings; it knows {', '.join(sorted(clients))}"
        raise refused(Refusal(code=UNKNOWN_ACCOUNT, message=message))
    return client
