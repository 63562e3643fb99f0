"""Going on with money that came after its order had closed unpaid: an order of its own is started for it."""

from datetime import UTC, datetime

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.exceptions import WorkflowAlreadyStartedError

from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome
from baton.orders.names import NOTICE_DEPOSIT, ORDER_WORKFLOW, SNAPSHOT, order_workflow_id
from baton.orders.rules.follow_up import follow_up_of
from baton.orders.seen_deposits import DepositNotice
from baton.orders.start import start_options


class LateMoney:
    """Starts the orders that go on with late money.

    The gateway does the same under the same reference where Orchestra tells of that money; the first of both counts.

    Args:
        client: A Temporal client.
        ledger: Where the address is made to lead to the order that goes on.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._client = client
        self._ledger = ledger

    async def follow_up(self, closed_id: str, notice: DepositNotice) -> str | None:
        """Have an order go on with a deposit; doing it again changes nothing.

        Args:
            closed_id: Workflow id of the order that has closed.
            notice: The deposit.

        Returns:
            Workflow id of the order that goes on; None where a person has to see to the money.

        Raises:
            RPCError: Temporal does not know the closed order any more (`NOT_FOUND`), or did not answer.
            LedgerError: It could not be written.
        """
        row = await self._ledger.order(closed_id)
        if row is not None and not may_go_on(row):
            return None
        try:
            closed = await self._client.get_workflow_handle(closed_id).query(SNAPSHOT, result_type=Snapshot)
        except WorkflowQueryFailedError:
            return None
        order = follow_up_of(closed, notice, datetime.now(UTC))
        if order is None:
            return None
        try:
            await self._client.start_workflow(
                ORDER_WORKFLOW,
                order,
                start_signal=NOTICE_DEPOSIT,
                start_signal_args=[[notice.model_dump(mode="json")]],
                **start_options(order),
            )
        except WorkflowAlreadyStartedError:
            return None
        workflow_id = order_workflow_id(order.account, order.reference)
        await self._ledger.watching.reassign(closed_id, workflow_id)
        return workflow_id


def may_go_on(order: OrderRow) -> bool:
    """Tell whether a deposit could still move an order, as its row tells: it is open, or closed for lack of one."""
    return order.outcome in (None, Outcome.EXPIRED)
