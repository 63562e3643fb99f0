"""Batches of webhooks: several of one order share a signal, because each signal costs Temporal events.

The first webhook of an order is sent at once and opens a window. Progress that arrives within the window waits, and is
sent in one signal at its end. A first webhook that brings no news waits for the end of the window that it opens. An
urgent webhook is sent within a tenth of a second, together with what waits, in order of arrival. A caller returns only
when the signal with its envelope succeeds or fails: nothing is acknowledged early.

While Temporal is silent, a signal ends with its timeout. What waits behind it fails with it, because Orchestra delivers
again and must not wait for one timeout after another.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from baton.gateway.signals import NotHandedOver, TemporalSilent
from baton.metrics.applied import RECEIVED_AT

Envelope = dict[str, Any]
SendSignal = Callable[[str, list[Envelope]], Coroutine[Any, Any, None]]
"""Sends envelopes to the workflow of an id; returns once Temporal has the signal, and raises otherwise."""

MAX_ENVELOPES = 32
"""Envelopes in one signal."""
MAX_BYTES = 500_000
"""Bytes of JSON in one signal; Temporal warns of payloads above 512 KiB and refuses 2 MiB."""
MAX_WAITING = 500
"""Envelopes of one order that may wait; Orchestra delivers again what is refused beyond that."""
SIGNAL_PAUSE = 0.1
"""Seconds from one signal to the next of an order, unless it is full: a history holds only 10,000 signals."""


@dataclass(slots=True)
class _WaitingEnvelope:
    envelope: Envelope
    size: int
    urgent: bool = False
    callers: list[asyncio.Future[None]] = field(default_factory=list)

    def succeed(self) -> None:
        """Let the callers know that Temporal has the envelope."""
        for caller in self.callers:
            if not caller.done():  # it may have left
                caller.set_result(None)

    def fail(self, error: Exception) -> None:
        """Raise an error for the callers."""
        for caller in self.callers:
            if not caller.done():
                caller.set_exception(error)
                caller.exception()  # it may leave yet, and asyncio warns of an exception that is never read


class _Queue:
    """The envelopes that wait for the next signal to one workflow."""

    def __init__(self, *, released: bool) -> None:
        self._waiting: deque[_WaitingEnvelope] = deque()
        self._due = asyncio.Event()
        self._full = asyncio.Event()
        self._released = released
        self._update_due()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, envelope: Envelope, *, urgent: bool) -> asyncio.Future[None]:
        """Append an envelope, unless the same one waits already; return a future of its signal.

        Raises:
            NotHandedOver: Too many envelopes wait.
        """
        content = _without_arrival(envelope)
        size = len(to_json(content))
        same = (each for each in self._waiting if each.size == size and _without_arrival(each.envelope) == content)
        waiting = next(same, None) or self._append(envelope, size)
        waiting.urgent |= urgent
        self._update_due()
        # Each caller has its own, so that one that leaves does not cancel the signal.
        waiting.callers.append(asyncio.get_running_loop().create_future())
        return waiting.callers[-1]

    def _append(self, envelope: Envelope, size: int) -> _WaitingEnvelope:
        if len(self._waiting) >= MAX_WAITING:
            raise NotHandedOver(f"{MAX_WAITING} webhooks of the order wait already")
        waiting = _WaitingEnvelope(envelope, size)
        self._waiting.append(waiting)
        return waiting

    def take_batch(self) -> list[_WaitingEnvelope]:
        """Remove and return the envelopes of the next signal, oldest first, at least one."""
        batch = [self._waiting.popleft()]
        size = batch[0].size
        while self._waiting and len(batch) < MAX_ENVELOPES and size + self._waiting[0].size <= MAX_BYTES:
            size += self._waiting[0].size
            batch.append(self._waiting.popleft())
        self._update_due()
        return batch

    def release(self) -> None:
        """Make everything due from now on."""
        self._released = True
        self._update_due()

    def fail(self, error: Exception) -> None:
        """Give up everything that waits."""
        _fail(self._waiting, error)
        self._waiting.clear()
        self._update_due()

    async def wait_until(self, window_end: float, *, pause_end: float) -> None:
        """Return at `window_end` by the event loop's clock, or earlier if a signal is due.

        Before `pause_end` it returns only for a full signal, or after a release.
        """
        for event, end in ((self._due, window_end), (self._full, pause_end)):
            if not event.is_set() and end > asyncio.get_running_loop().time():
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(end):
                        await event.wait()

    def _update_due(self) -> None:
        full = len(self._waiting) >= MAX_ENVELOPES or sum(waiting.size for waiting in self._waiting) >= MAX_BYTES
        _set(self._full, self._released or full)
        _set(self._due, self._full.is_set() or any(waiting.urgent for waiting in self._waiting))


def _without_arrival(envelope: Envelope) -> Envelope:
    """Return what an envelope says, whenever it came: the same webhook may come twice."""
    return {name: value for name, value in envelope.items() if name != RECEIVED_AT}


def _set(event: asyncio.Event, value: bool) -> None:
    if value:
        event.set()
    else:
        event.clear()


class Coalescer:
    """Sends envelopes to workflows: several to a signal, and to each workflow one signal at a time.

    A workflow uses memory only while its window is open.

    Args:
        send: Sends one signal.
        window: Seconds after the start of a signal within which progress waits; 0 sends each envelope alone.
    """

    def __init__(self, send: SendSignal, *, window: float) -> None:
        self._send = send
        self._window = window
        self._queues: dict[str, _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._released = False

    @property
    def waiting(self) -> int:
        """How many envelopes wait for their signal."""
        return sum(len(queue) for queue in self._queues.values())

    @property
    def idle(self) -> bool:
        """Whether no envelope waits, no signal is under way and no window is open."""
        return not self._queues and not self._tasks

    async def offer(self, workflow_id: str, envelope: Envelope, *, urgent: bool, news: bool = True) -> None:
        """Send one envelope; return once Temporal has the signal that carries it.

        The envelope is sent even if the caller is cancelled.

        Args:
            workflow_id: The workflow to signal.
            envelope: What to send.
            urgent: Whether it must not wait for a window.
            news: Whether it tells the workflow something; if not, it waits for a window also as the first one.

        Raises:
            Exception: What `send` raised for the signal that carried the envelope.
        """
        if self._window == 0:
            sent = self._start(self._send(workflow_id, [envelope]))
            sent.add_done_callback(_mark_failure_as_read)
            await asyncio.shield(sent)
        else:
            await self._queue(workflow_id, waits=not (news or urgent)).add(envelope, urgent=urgent)

    def release(self) -> None:
        """Send everything at once from now on: the process is about to stop."""
        self._released = True
        for queue in self._queues.values():
            queue.release()

    async def drain(self) -> None:
        """Send everything that waits; return when every signal has succeeded or failed."""
        self.release()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _queue(self, workflow_id: str, *, waits: bool) -> _Queue:
        queue = self._queues.get(workflow_id)
        if queue is None:
            queue = self._queues[workflow_id] = _Queue(released=self._released)
            self._start(self._serve(workflow_id, queue, waits=waits))
        return queue

    async def _serve(self, workflow_id: str, queue: _Queue, *, waits: bool) -> None:
        """Send what the queue holds until a window ends with nothing in it; then drop the queue."""
        loop = asyncio.get_running_loop()
        if waits:
            await queue.wait_until(loop.time() + self._window, pause_end=loop.time())
        while queue:
            began = loop.time()
            try:
                await self._send_batch(workflow_id, queue.take_batch())
            except TemporalSilent as error:
                queue.fail(error)
            pause = min(SIGNAL_PAUSE, self._window)
            await queue.wait_until(began + self._window, pause_end=began + pause)
        del self._queues[workflow_id]

    async def _send_batch(self, workflow_id: str, batch: list[_WaitingEnvelope]) -> None:
        """Send a batch and answer its callers.

        Raises:
            TemporalSilent: Temporal did not answer; the callers know already.
        """
        try:
            await self._send(workflow_id, [waiting.envelope for waiting in batch])
        except TemporalSilent as error:
            _fail(batch, error)
            raise
        except Exception as error:
            _fail(batch, error)
        else:
            for waiting in batch:
                waiting.succeed()


def _fail(envelopes: Iterable[_WaitingEnvelope], error: Exception) -> None:
    for waiting in envelopes:
        waiting.fail(error)


def _mark_failure_as_read(sent: asyncio.Task[None]) -> None:
    """Note that a failure needs no reader: the caller may have left, and asyncio warns of unread exceptions."""
    if not sent.cancelled():
        sent.exception()
