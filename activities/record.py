"""The activities that write the read model: whole rows, so that each write repairs earlier ones."""

from collections.abc import Callable

from temporalio import activity
from temporalio.exceptions import ApplicationError

from baton.ledger.errors import LedgerRefused
from baton.ledger.ledger import Ledger
from baton.orders.answers import Snapshot
from baton.orders.ended_order import RecordAttention, with_standing
from baton.orders.messages import RECORD_ATTENTION, RECORD_ORDER
from baton.orders.models import Phase
from baton.orders.record import rows_of
from baton.process.tracing import current_trace


class RecordActivities:
    """The activities that write the read model.

    Args:
        ledger: The ledger that is written.
        on_written: Gets each order that was written.
    """

    def __init__(self, ledger: Ledger, on_written: Callable[[Snapshot], None]) -> None:
        self._ledger = ledger
        self._on_written = on_written

    @activity.defn(name=RECORD_ORDER)
    async def record_order(self, snapshot: Snapshot) -> None:
        """Write the order's row and its transitions, and the entries of the index that are missing."""
        try:
            written = await self._ledger.write_order(*rows_of(snapshot, current_trace()))
        except LedgerRefused as error:
            raise ApplicationError(str(error), type="ledger_refused", non_retryable=True) from error
        if written:
            self._on_written(snapshot)

    @activity.defn(name=RECORD_ATTENTION)
    async def record_attention(self, call: RecordAttention) -> None:
        """Write what needs a person after an order's end into its row, and the events of it that are missing."""
        row = await self._ledger.order(call.order_workflow_id)
        if row is None or row.phase != Phase.CLOSED:
            raise ApplicationError("the ledger does not show the order's end yet", type="order_not_closed")
        order = with_standing(Snapshot.model_validate(row.snapshot), call.standing)
        rows = rows_of(order)
        attention = rows.order.attention
        # The row of an order that was stopped says how, which its snapshot does not.
        ended = row.model_copy(update={"attention": attention, "snapshot": rows.order.snapshot})
        await self._ledger.write_order(*rows._replace(order=ended))
