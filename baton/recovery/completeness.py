"""Whether a ledger has all orders: one that was just created has, if Temporal has no order yet."""

from temporalio.client import Client

from baton.ledger.ledger import Ledger
from baton.recovery.executions import OrderExecutions


async def is_complete(client: Client, ledger: Ledger) -> bool:
    """Whether the ledger has all orders. A new one is marked as complete if Temporal has no order at all.

    Raises:
        LedgerError: The ledger did not answer.
        RPCError: Temporal did not answer.
    """
    if await ledger.is_complete():
        return True
    if await OrderExecutions(client).any():
        return False
    await ledger.mark_complete()
    return True


async def require_complete(client: Client, ledger: Ledger) -> None:
    """Check that the ledger has all orders, before something is decided by what is not in it.

    Raises:
        LedgerIncomplete: It has not.
        LedgerError: The ledger did not answer.
        RPCError: Temporal did not answer.
    """
    if not await is_complete(client, ledger):
        await ledger.require_complete()
