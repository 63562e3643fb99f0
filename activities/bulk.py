"""The activity that does the act of a bulk to its orders."""

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.support.heartbeats import heartbeating
from baton.bulk.messages import RUN_BULK, BulkProgress, BulkRun
from baton.bulk.order_acts import OrderActs, RunningBulk
from baton.bulk.request import BulkRequest
from baton.bulk.runner import BulkRunner, progress_of
from baton.ledger.ledger import Ledger

MOST_AT_ONCE = 1_024
"""Orders of one activity; the workflow then shows how far the bulk is, and calls it again."""


class BulkActivities:
    """The acts of bulks.

    Args:
        client: A Temporal client.
        ledger: An open ledger.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._ledger = ledger
        self._runner = BulkRunner(ledger, OrderActs(client, ledger).act)

    @activity.defn(name=RUN_BULK)
    async def run_bulk(self, run: BulkRun) -> BulkProgress:
        """Do the act to the next orders of a bulk; return how far it is.

        Raises:
            ApplicationError: The ledger has no such bulk (final).
            LedgerError: The ledger did not answer; the next attempt goes on.
        """
        row = await self._ledger.bulks.bulk(run.id)
        if row is None:
            raise ApplicationError(f"the ledger has no bulk {run.id}", type="bulk_unknown", non_retryable=True)
        bulk = RunningBulk(row.id, BulkRequest.model_validate(row.request), row.by)
        async with heartbeating():
            await self._runner.run(bulk, MOST_AT_ONCE)
        after = await self._ledger.bulks.bulk(run.id)
        stopped = after is None or after.stopped_at is not None
        return progress_of(await self._ledger.bulks.counts(run.id), stopped=stopped)
