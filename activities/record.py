"""The activity that writes the read model: whole rows, so that each write repairs earlier ones."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from baton.ledger.errors import LedgerRefused
from baton.ledger.ledger import Ledger
from baton.orders.answers import Snapshot
from baton.orders.messages import RECORD_ORDER
from baton.orders.record import rows_of


class RecordActivities:
    """The activity that writes the read model.

    Args:
        ledger: The ledger that is written.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name=RECORD_ORDER)
    async def record_order(self, snapshot: Snapshot) -> None:
        """Write the order's row and its transitions, and the entries of the index that are missing."""
        try:
            await self._ledger.write_order(*rows_of(snapshot))
        except LedgerRefused as error:
            raise ApplicationError(str(error), type="ledger_refused", non_retryable=True) from error
