"""Reads of an order in the background: one at a time, once or until news comes."""

import asyncio
from collections.abc import Callable

from temporalio import workflow

from baton.orders.messages import ReadOrder, ReadResult, Refusal
from workflows.support import activity_calls


class Poller:
    """Runs at most one read and delivers its result.

    A poll is a read with a cadence: Temporal's activity retries repeat it until it brings news, so waiting costs no
    history.
    """

    def __init__(self, deliver: Callable[[ReadResult | Refusal, int], None]) -> None:
        self._deliver = deliver
        self._reading: asyncio.Task[None] | None = None
        self._is_poll = False
        self._last_poll: ReadOrder | None = None

    @property
    def running(self) -> bool:
        """Whether a read is under way."""
        return self._reading is not None and not self._reading.done()

    @property
    def reading_once(self) -> bool:
        """Whether a read without a cadence is under way: something waits for its result."""
        return self.running and not self._is_poll

    def start(self, read: ReadOrder, urgency: int, basis: int) -> None:
        """Start a read in place of the one under way; `basis` is delivered with its result."""
        self.stop()
        self._is_poll = read.cadence is not None
        if self._is_poll:
            self._last_poll = read.model_copy(update={"cadence": None})
        self._reading = asyncio.create_task(self._read(read, urgency, basis))

    def has_polled(self, read: ReadOrder) -> bool:
        """Whether the last poll started from the same knowledge as this read, and so brought nothing new."""
        return self._last_poll == read

    def stop_polling(self) -> None:
        """Stop a poll, because its news came another way; a single read continues."""
        if self._is_poll:
            self.stop()

    def stop(self) -> None:
        """Stop the read under way."""
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
        self._reading = None

    async def _read(self, read: ReadOrder, urgency: int, basis: int) -> None:
        try:
            result = await activity_calls.read_order(read, urgency)
        except RuntimeError as error:
            workflow.logger.exception("a read of the order failed unexpectedly")
            result = Refusal(code="read_broken", message=str(error))
        self._deliver(result, basis)
