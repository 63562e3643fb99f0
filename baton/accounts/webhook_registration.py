"""Registers a webhook endpoint for an account whose secrets are in a file of their own, and writes its secret there.

Orchestra shows a secret once. If it cannot be written where the settings read it, the endpoint is removed again.
"""

import asyncio
import uuid

from pydantic import BaseModel

from baton.errors import BatonError, InvalidArgument
from baton.orchestra.client import OrchestraClient
from baton.process.atomic import write_atomically
from baton.settings import PartnerAccount


class RegistrationRefused(BatonError):
    """The endpoint cannot be registered from here."""


class WebhookRegistration(BaseModel):
    """A registered endpoint, and how many secrets are valid for the account now."""

    account: str
    webhook_id: str
    url: str
    secrets: int


async def register_webhook(
    orchestra: OrchestraClient, account: PartnerAccount, url: str, *, replace: bool
) -> WebhookRegistration:
    """Register an endpoint; webhooks signed by the older secrets stay valid, unless they are replaced.

    Raises:
        InvalidArgument: The URL is no https URL.
        RegistrationRefused: The account's secrets are not in a file of their own, or it cannot be written.
        OrchestraError: Orchestra refuses it, or did not answer.
    """
    file = account.webhook_secrets_file
    if not url.startswith("https://"):
        raise InvalidArgument("url", "is no https URL", "webhooks contain your customers' orders; write https://...")
    if file is None:
        remedy = "set webhook_secrets_file of the account, or use `baton webhook register` on the gateway's machine"
        message = f"the webhook secrets of {account.name} are not in a file of their own"
        raise RegistrationRefused("secrets_not_in_file", message, remedy)
    created = await orchestra.create_webhook(url, f"webhook:create:{uuid.uuid4()}")
    older = [] if replace else [secret.get_secret_value() for secret in account.webhook_secrets]
    secrets = list(dict.fromkeys([created.secret, *older]))
    try:
        await asyncio.to_thread(write_atomically, file, "".join(f"{secret}\n" for secret in secrets))
    except OSError as error:
        await orchestra.delete_webhook(created.webhook_id, f"webhook:delete:{created.webhook_id}")
        message = f"the secret could not be written to {file}: {error.strerror}; the endpoint was removed again"
        raise RegistrationRefused("secret_not_saved", message, "let the gateway write the file") from None
    return WebhookRegistration(account=account.name, webhook_id=created.webhook_id, url=url, secrets=len(secrets))
