"""The attention for an endpoint that was disabled: an open workflow that operators find, until it is enabled again."""

from datetime import datetime

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from baton.ended_orders import EndedOrders
from baton.orders.after_close import raise_after_close
from baton.orders.models import Attention, Resolution

REASON = "endpoint_disabled"


def endpoint_workflow_id(name: str) -> str:
    """Return the id that an endpoint's attention is held for, as an ended order's is; `-` stands for no account."""
    return f"endpoint/-/{name}"


async def raise_disabled(client: Client, name: str, because: str, now: datetime) -> None:
    """Raise attention for an endpoint that was disabled. Repeating it is harmless.

    Raises:
        RPCError: Temporal did not answer.
    """
    remedy = f"mend it, then `baton endpoint enable {name}`, which sends all that it missed"
    message = f"the endpoint {name} is disabled: {because}"
    attention = Attention(reason=REASON, message=message, since=now, remedy=remedy)
    await raise_after_close(client, endpoint_workflow_id(name), attention)


async def clear_disabled(client: Client, name: str, note: str) -> None:
    """Resolve the attention of an endpoint that is enabled again; without one, nothing happens.

    Raises:
        RPCError: Temporal did not answer.
    """
    try:
        await EndedOrders(client).resolve(endpoint_workflow_id(name), Resolution(note=note, reason=REASON))
    except WorkflowUpdateFailedError:
        return
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
