"""The supervisor: starts processes, waits until they are ready, notices when one dies, and leaves none behind."""

import asyncio
import atexit
import signal
import time
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from baton.local.stack.children import Child, ChildSpec
from baton.local.stack.errors import ChildDied, ChildNotReady, Interrupted

T = TypeVar("T")

_PROBE_PAUSE = 0.05
_WATCH_PAUSE = 0.2
_SECOND_THOUGHT = 1.0
"""Seconds after which another signal means impatience; nearer ones are one request that arrived by two ways."""


class Supervisor:
    """Runs child processes for as long as its `async with` block lasts.

    The children end in the reverse order of their start, whatever ends the block. Cancelling the block a second time
    ends them at once. Should this process itself be killed, the kernel ends them (see
    `baton.local.stack.parent_death`).
    """

    def __init__(self, logs: Path) -> None:
        """Keep each child's output in `logs/NAME.log`, and that of its previous run in `NAME.log.1`."""
        self._logs = logs
        self._children: list[Child] = []

    async def __aenter__(self) -> Self:
        atexit.register(self.kill)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.stop()
        finally:
            atexit.unregister(self.kill)

    async def start(self, *specs: ChildSpec) -> None:
        """Start processes side by side and return when all of them are ready.

        Raises:
            ChildDied: One of them, or one started before, ended; the text has the end of its log.
            ChildNotReady: One runs but was not ready in time.
        """
        before = len(self._children)
        for spec in specs:
            self._children.append(Child(spec, self._logs))
        try:
            async with asyncio.TaskGroup() as group:
                for child in self._children[before:]:
                    group.create_task(self._until_ready(child))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def watch(self) -> NoReturn:
        """Wait until a process ends by itself.

        Raises:
            ChildDied: Always; the text names the process and has the end of its log.
        """
        while True:
            self._require_alive()
            await asyncio.sleep(_WATCH_PAUSE)

    async def stop(self) -> None:
        """End the processes, the last started first, each with its grace."""
        try:
            for child in reversed(self._children):
                await child.stop()
        finally:
            self.kill()

    def kill(self) -> None:
        """End every process that still runs, at once."""
        for child in reversed(self._children):
            child.kill()
        self._children.clear()

    async def _until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + child.spec.startup
        while not await child.spec.ready():
            self._require_alive()
            if time.monotonic() > deadline:
                raise ChildNotReady(child.spec.name, child.spec.startup, child.log_tail())
            await asyncio.sleep(_PROBE_PAUSE)
        # A probe may have been answered by a stranger that holds the port.
        self._require_alive()

    def _require_alive(self) -> None:
        for child in self._children:
            if child.exit_code is not None:
                raise ChildDied(child.spec.name, child.exit_code, child.log_tail())


async def until_signal(work: Coroutine[Any, Any, T]) -> T:
    """Run work to its end, or cancel it when SIGINT, SIGTERM or SIGHUP comes.

    The work's own clean-up then runs; a later signal cancels that too.

    Raises:
        Interrupted: A signal came before the work was done.
    """
    task = asyncio.ensure_future(work)
    received: list[tuple[int, float]] = []

    def on_signal(number: int) -> None:
        now = time.monotonic()
        if not received or now - received[-1][1] > _SECOND_THOUGHT:
            received.append((number, now))
            task.cancel()

    loop = asyncio.get_running_loop()
    numbers = _signals_to_heed()
    for number in numbers:
        loop.add_signal_handler(number, on_signal, number)
    try:
        return await task
    except asyncio.CancelledError:
        if received:
            raise Interrupted(received[0][0]) from None
        raise
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _signals_to_heed() -> list[int]:
    hang_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGINT, signal.SIGTERM, *hang_up]
