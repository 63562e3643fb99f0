"""Several webhooks of one order in one signal: each signal costs Temporal events, a burst of progress need not.

The first webhook of an order goes at once. While the window after a hand-over is open, further progress waits and goes
in one signal when the window ends. What must not wait goes at once and takes along what waits, in the order of
arrival. Whoever brought an envelope is told only how the signal that carried it fared: nothing is acknowledged early.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

Envelope = dict[str, Any]
HandOver = Callable[[str, list[Envelope]], Coroutine[Any, Any, None]]

MAX_ENVELOPES = 32
MAX_BYTES = 500_000
"""Bytes of JSON in one signal; Temporal warns of payloads above 512 KiB and refuses 2 MiB."""


@dataclass(slots=True)
class _Item:
    envelope: Envelope
    size: int
    urgent: bool
    done: asyncio.Future[None]


class _Lane:
    """What waits for the next signal to one workflow."""

    def __init__(self, *, hurried: bool) -> None:
        self._waiting: deque[_Item] = deque()
        self._pressing = asyncio.Event()
        self._hurried = hurried
        self._press()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, envelope: Envelope, *, urgent: bool) -> asyncio.Future[None]:
        """Put an envelope at the end; one that already waits is not sent twice."""
        item = next((waiting for waiting in self._waiting if waiting.envelope == envelope), None)
        if item is None:
            done = asyncio.get_running_loop().create_future()
            item = _Item(envelope, len(to_json(envelope)), urgent, done)
            self._waiting.append(item)
        item.urgent |= urgent
        self._press()
        return item.done

    def take(self) -> list[_Item]:
        """Take what goes into the next signal, oldest first, at least one."""
        batch = [self._waiting.popleft()]
        size = batch[0].size
        while self._waiting and len(batch) < MAX_ENVELOPES and size + self._waiting[0].size <= MAX_BYTES:
            size += self._waiting[0].size
            batch.append(self._waiting.popleft())
        self._press()
        return batch

    def hurry(self) -> None:
        """Let nothing wait any more."""
        self._hurried = True
        self._press()

    async def rest(self, until: float) -> None:
        """Return at that time of the loop's clock, or earlier if something must not wait."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._pressing.wait()

    def _press(self) -> None:
        full = len(self._waiting) >= MAX_ENVELOPES or sum(item.size for item in self._waiting) >= MAX_BYTES
        if self._hurried or full or any(item.urgent for item in self._waiting):
            self._pressing.set()
        else:
            self._pressing.clear()


class Coalescer:
    """Hands envelopes over, several of one workflow at a time, one signal after the other.

    A workflow costs memory only while a window of its own is open.

    Args:
        hand_over: Sends one signal; returns once Temporal has it, raises otherwise.
        window: Seconds after the start of a hand-over within which progress waits; 0 sends each envelope alone.
    """

    def __init__(self, hand_over: HandOver, *, window: float) -> None:
        self._hand_over = hand_over
        self._window = window
        self._lanes: dict[str, _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._released = False

    @property
    def waiting(self) -> int:
        """Return how many envelopes wait for a signal to carry them."""
        return sum(len(lane) for lane in self._lanes.values())

    @property
    def idle(self) -> bool:
        """Tell whether nothing waits, nothing is on its way and no window is open."""
        return not self._lanes and not self._tasks

    async def offer(self, workflow_id: str, envelope: Envelope, *, urgent: bool) -> None:
        """Hand one envelope over; return once the signal that carries it is accepted.

        A caller that goes away does not take its envelope back.

        Raises:
            Exception: What `hand_over` raised for the signal that carried the envelope.
        """
        if self._window == 0:
            carried: Awaitable[None] = self._start(self._hand_over(workflow_id, [envelope]))
        else:
            carried = self._lane(workflow_id).add(envelope, urgent=urgent)
        await asyncio.shield(carried)

    def release(self) -> None:
        """Let nothing wait from now on: the process is about to stop."""
        self._released = True
        for lane in self._lanes.values():
            lane.hurry()

    async def drain(self) -> None:
        """Send everything that waits, and return when all of it is answered."""
        self.release()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _lane(self, workflow_id: str) -> _Lane:
        lane = self._lanes.get(workflow_id)
        if lane is None:
            lane = self._lanes[workflow_id] = _Lane(hurried=self._released)
            self._start(self._serve(workflow_id, lane))
        return lane

    async def _serve(self, workflow_id: str, lane: _Lane) -> None:
        """Send what the lane holds until a whole window brought nothing; then forget the lane."""
        clock = asyncio.get_running_loop()
        while lane:
            began = clock.time()
            await self._carry(workflow_id, lane.take())
            await lane.rest(began + self._window)
        del self._lanes[workflow_id]

    async def _carry(self, workflow_id: str, batch: list[_Item]) -> None:
        try:
            await self._hand_over(workflow_id, [item.envelope for item in batch])
        except Exception as error:
            for item in batch:
                item.done.set_exception(error)
        else:
            for item in batch:
                item.done.set_result(None)
