"""Starts the follow-up order for money that arrives after an order closed unpaid."""

from datetime import UTC, datetime

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.exceptions import WorkflowAlreadyStartedError

from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome
from baton.orders.names import NOTICE_DEPOSIT, ORDER_WORKFLOW, SNAPSHOT, order_workflow_id
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.follow_up import follow_up_of
from baton.orders.seen_deposits import DepositNotice
from baton.orders.start import as_started, start_options


class FollowUpStarter:
    """Starts follow-up orders.

    The gateway starts the same follow-up, under the same reference, when a webhook of Orchestra reports the money;
    the first start wins.

    Args:
        client: A Temporal client.
        ledger: Where the deposit address is reassigned to the follow-up order.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._client = client
        self._ledger = ledger

    async def start(self, closed_id: str, notice: DepositNotice) -> str | None:
        """Start the follow-up order of a deposit; calling it twice has the effect of one call.

        Args:
            closed_id: Workflow id of the order that has closed.
            notice: The deposit.

        Returns:
            Workflow id of the follow-up order, or None if there is none and a person must handle the money.

        Raises:
            RPCError: Temporal no longer knows the closed order (`NOT_FOUND`), or did not answer.
            LedgerError: The ledger could not be read or written.
        """
        row = await self._ledger.order(closed_id)
        if row is not None and not may_use_deposit(row):
            return None
        try:
            closed = await self._client.get_workflow_handle(closed_id).query(SNAPSHOT, result_type=Snapshot)
        except WorkflowQueryFailedError:
            return None
        order = follow_up_of(closed, notice, datetime.now(UTC))
        if order is None or not await self._start(order, notice):
            return None
        workflow_id = order_workflow_id(order.account, order.reference)
        await self._ledger.watching.reassign(closed_id, workflow_id)
        return workflow_id

    async def _start(self, order: PlaceOrder, notice: DepositNotice) -> bool:
        """Start the order with the deposit as its first signal; return False if it exists already."""
        try:
            await self._client.start_workflow(
                ORDER_WORKFLOW,
                as_started(order),
                start_signal=NOTICE_DEPOSIT,
                start_signal_args=[[notice.model_dump(mode="json")]],
                **start_options(order),
            )
        except WorkflowAlreadyStartedError:
            return False
        return True


def may_use_deposit(order: OrderRow) -> bool:
    """Whether a deposit can still change an order, according to its row: it is open, or closed unpaid."""
    return order.outcome in (None, Outcome.EXPIRED)
