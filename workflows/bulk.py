"""The bulk workflow: one act on many orders, at a rate, until every order has a result."""

from datetime import timedelta

from temporalio import workflow

from baton.bulk.messages import RUN_BULK, BulkProgress, BulkRun
from workflows.support.activity_calls import LISTEN_HEARTBEAT, PARTNER_RETRY

_ATTEMPT = timedelta(hours=6)
"""Timeout of one attempt; a bulk is slow if its rate is low."""


@workflow.defn
class BulkWorkflow:
    """One bulk; its id is `bulk/{id}`. Its orders and their results are in the ledger."""

    def __init__(self) -> None:
        self._progress = BulkProgress()

    @workflow.run
    async def run(self, run: BulkRun) -> BulkProgress:
        """Do the act to part after part of the orders, until all have a result or somebody stops it."""
        while True:
            self._progress = await self._do_part(run)
            workflow.set_current_details(f"{run.summary}\n\n{self._progress.words}")
            if self._progress.stopped or not self._progress.waiting:
                return self._progress

    async def _do_part(self, run: BulkRun) -> BulkProgress:
        progress: BulkProgress = await workflow.execute_activity(
            RUN_BULK,
            run,
            result_type=BulkProgress,
            start_to_close_timeout=_ATTEMPT,
            heartbeat_timeout=LISTEN_HEARTBEAT,
            retry_policy=PARTNER_RETRY,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary="the next orders",
        )
        return progress

    @workflow.query(description="How far the bulk is.")
    def progress(self) -> BulkProgress:
        """Return how far the bulk was after the last part."""
        return self._progress
