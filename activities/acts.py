"""The activity that writes the record of acts."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from baton.ledger.act_rows import ActRow
from baton.ledger.errors import LedgerRefused
from baton.ledger.ledger import Ledger
from baton.orders.names import RECORD_ACT


class ActActivities:
    """The activity that writes the record of acts.

    Args:
        ledger: The ledger that is written.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name=RECORD_ACT)
    async def record_act(self, row: ActRow) -> None:
        """Write one act; a repeat changes nothing."""
        try:
            await self._ledger.acts.write(row)
        except LedgerRefused as error:
            raise ApplicationError(str(error), type="ledger_refused", non_retryable=True) from error
