"""Reading for ourselves when nobody tells us anything: one read at a time, in the background of an order."""

import asyncio
from collections.abc import Callable

from temporalio import workflow

from baton.orders.messages import ReadOrder, ReadResult, Refusal
from workflows.support import activity_calls


class Poller:
    """Runs at most one read and hands its answer over.

    A read with a cadence lives on in Temporal's activity retries until it brings news, so waiting costs no history.
    """

    def __init__(self, deliver: Callable[[ReadResult | Refusal], None]) -> None:
        self._deliver = deliver
        self._reading: asyncio.Task[None] | None = None
        self._repeating = False
        self._repeated: ReadOrder | None = None

    @property
    def running(self) -> bool:
        """Tell whether a read is under way."""
        return self._reading is not None and not self._reading.done()

    @property
    def looking(self) -> bool:
        """Tell whether a single look is under way: one that is wanted for itself."""
        return self.running and not self._repeating

    def start(self, read: ReadOrder, urgency: int) -> None:
        """Start this read in place of the one under way."""
        self.stop()
        self._repeating = read.cadence is not None
        if self._repeating:
            self._repeated = read.model_copy(update={"cadence": None})
        self._reading = asyncio.create_task(self._read(read, urgency))

    def has_repeated(self, read: ReadOrder) -> bool:
        """Tell whether the last repeated read began from the same knowledge as this one: it has led to nothing new."""
        return self._repeated == read

    def stop_repeating(self) -> None:
        """Drop a read that waits for news: somebody else brought it. A single look is wanted for itself and stays."""
        if self._repeating:
            self.stop()

    def stop(self) -> None:
        """Drop the read under way."""
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
        self._reading = None

    async def _read(self, read: ReadOrder, urgency: int) -> None:
        try:
            answer = await activity_calls.read_order(read, urgency)
        except RuntimeError as error:
            workflow.logger.exception("a read of the order broke")
            answer = Refusal(code="read_broken", message=str(error))
        self._deliver(answer)
