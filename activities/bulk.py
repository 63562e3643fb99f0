"""The activity that does the act of a bulk to its orders."""

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.support.heartbeats import heartbeating
from baton.bulk.app_calls import reply_to
from baton.bulk.bulks import Bulks
from baton.bulk.messages import RUN_BULK, BulkProgress, BulkRun
from baton.bulk.order_acts import OrderActs, RunningBulk
from baton.bulk.request import BulkRequest
from baton.bulk.runner import BulkRunner, progress_of
from baton.bulk.status import CALL_BULK, BulkCall, BulkReply
from baton.errors import BatonError, Unreachable
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
        self._bulks = Bulks(client, ledger)
        self._runner = BulkRunner(ledger, OrderActs(client, ledger).act)

    @activity.defn(name=CALL_BULK)
    async def call_bulk(self, call: BulkCall) -> BulkReply:
        """Answer what an app asks about bulks.

        Raises:
            ApplicationError: What was asked for is not possible (final), or Temporal did not answer.
            LedgerError: The ledger did not answer; the next attempt asks again.
        """
        try:
            return await reply_to(call, self._bulks)
        except BatonError as error:
            final = not isinstance(error, Unreachable)
            raise ApplicationError(str(error), type=error.code, non_retryable=final) from None

    @activity.defn(name=RUN_BULK)
    async def run_bulk(self, run: BulkRun) -> BulkProgress:
        """Do the act to the next orders of a bulk; return how far it is.

        Raises:
            ApplicationError: The ledger has no such bulk (final).
            LedgerError: The ledger did not answer; the next attempt continues.
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
