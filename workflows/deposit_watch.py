"""The watch workflow: keeps one chain watched for as long as there are addresses to watch.

Long activities watch the chain, one after another; each is one stretch, and their state is in the ledger. The workflow
makes sure that each chain is watched exactly once, again after a crash, and that people can see it.
"""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from baton.orders.names import WATCH_QUEUE
from baton.orders.watch_messages import IDLE_STRETCHES, WATCH_CHAIN, ChainWatch, WatchChain, Watched

_GRACE = timedelta(minutes=2)
_HEARTBEAT = timedelta(seconds=45)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn
class DepositWatchWorkflow:
    """The watch of one chain; its id is `deposit-watch/{chain}`."""

    @workflow.init
    def __init__(self, watch: ChainWatch) -> None:
        self._idle = watch.idle_stretches
        self._last = Watched()

    @workflow.run
    async def run(self, watch: ChainWatch) -> Watched:
        """Watch until there was nothing to watch for `IDLE_STRETCHES` stretches in a row."""
        while self._idle < IDLE_STRETCHES:
            self._last = await self._stretch(watch)
            self._idle = self._idle + 1 if self._last.idle else 0
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(watch.model_copy(update={"idle_stretches": self._idle}))
        return self._last

    @workflow.signal(description="An order needs the chain watched.")
    def need(self) -> None:
        """Reset the count of idle stretches."""
        self._idle = 0

    @workflow.query(description="The figures of the last stretch of watching.")
    def watched(self) -> Watched:
        """Return the figures of the last stretch that ended."""
        return self._last

    async def _stretch(self, watch: ChainWatch) -> Watched:
        call = WatchChain(chain=watch.chain, stretch=watch.stretch)
        watched: Watched = await workflow.execute_activity(
            WATCH_CHAIN,
            call,
            result_type=Watched,
            task_queue=WATCH_QUEUE,
            start_to_close_timeout=call.stretch + _GRACE,
            heartbeat_timeout=_HEARTBEAT,
            retry_policy=_RETRY,
            summary=f"watch {watch.chain}",
        )
        workflow.set_current_details(details_of(watched))
        return watched


def details_of(watched: Watched) -> str:
    """Return the figures of a stretch as a small table for the Temporal UI."""
    rows = [f"| {name} | {_cell(getattr(watched, name))} |" for name in Watched.model_fields]
    return "\n".join(["| | |", "|---|---|", *rows])


def _cell(value: object) -> object:
    if isinstance(value, list):
        return "; ".join(str(entry) for entry in value) or "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return "-" if value is None else value
