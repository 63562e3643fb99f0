"""The supervisor: starts processes, waits until they are ready, notices when one dies, and leaves none behind."""

import asyncio
import atexit
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from baton.local.child_process import GRACE_SECONDS, ChildProcess, Probe, open_log, wait_until_ready
from baton.local.stack.errors import ChildDied, ChildNotReady

_WATCH_SECONDS = 0.2
_TAIL_LINES = 15


@dataclass(frozen=True)
class ChildSpec:
    """What to run, how to see that it is ready, and how long to wait for it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    ready: Probe
    startup: float = 30.0
    """Seconds until it must be ready."""
    grace: float = GRACE_SECONDS
    """Seconds between SIGTERM and SIGKILL."""
    leaves: Path | None = None
    """A file that says that it is ready, and that it leaves behind when it is killed."""


class SupervisedChild:
    """A running child process with its output in a log file."""

    def __init__(self, spec: ChildSpec, logs: Path) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        if spec.leaves is not None:
            spec.leaves.unlink(missing_ok=True)
        with open_log(self.log) as output:
            self._process = ChildProcess(spec.command, environment=spec.environment, log=output)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative if a signal ended the process; None while it runs."""
        return self._process.exit_code

    def log_tail(self) -> str:
        """Return the end of the log, as text to append to an error."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            last = [f"  {line.rstrip()}" for line in deque(lines, _TAIL_LINES)]
        return "\n".join([f"Its log, {self.log}, ends with:", *last]) if last else f"Its log, {self.log}, is empty."

    async def stop(self) -> None:
        """Stop the process, with its grace."""
        await self._process.stop(self.spec.grace)

    def kill(self) -> None:
        """Kill the process at once."""
        self._process.kill()


class Supervisor:
    """Runs child processes for as long as its `async with` block lasts.

    When the block ends, for any reason, the children are stopped in the reverse order of their start. Cancelling
    the block a second time kills them at once. If this process itself is killed, the kernel kills them (see
    `baton.local.parent_death`).
    """

    def __init__(self, logs: Path) -> None:
        """Keep each child's output in `logs/NAME.log`, and that of its previous run in `NAME.log.1`."""
        self._logs = logs
        self._children: list[SupervisedChild] = []

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

    @property
    def pids(self) -> dict[str, int]:
        """The ids of the running processes, by name."""
        return {child.spec.name: child.pid for child in self._children}

    async def start(self, *specs: ChildSpec) -> None:
        """Start processes at the same time, and return when all of them are ready.

        Raises:
            ChildDied: One of them, or one started before, ended; the text has the end of its log.
            ChildNotReady: One runs but was not ready in time.
        """
        before = len(self._children)
        for spec in specs:
            self._children.append(SupervisedChild(spec, self._logs))
        try:
            async with asyncio.TaskGroup() as group:
                for child in self._children[before:]:
                    group.create_task(self._require_ready(child))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def restart(self, name: str) -> None:
        """Stop one process with its grace, start it again, and return when it is ready.

        Raises:
            ChildDied: It, or another process, ended.
            ChildNotReady: It runs but was not ready in time.
        """
        spec = self._child(name).spec
        await self.end(name)
        await self.start(spec)

    async def end(self, name: str, *, kill: bool = False) -> int | None:
        """Stop one process with its grace, or kill it at once; return its exit code."""
        child = self._child(name)
        # Out of the list first: this end is not a death.
        self._children.remove(child)
        if not kill:
            await child.stop()
        child.kill()
        return child.exit_code

    async def crash(self, *names: str) -> None:
        """Kill processes at once, start them again in the order of their names, and return when all are ready.

        Raises:
            ChildDied: One of them, or another process, ended.
            ChildNotReady: One runs but was not ready in time.
        """
        children = [self._child(name) for name in names]
        for child in children:
            # Out of the list first: this end is not a death.
            self._children.remove(child)
            child.kill()
        for child in children:
            await self.start(child.spec)

    async def watch(self) -> NoReturn:
        """Wait until a process ends by itself.

        Raises:
            ChildDied: Always; the text names the process and has the end of its log.
        """
        while True:
            self._require_alive()
            await asyncio.sleep(_WATCH_SECONDS)

    async def stop(self) -> None:
        """Stop the processes, the last started first, each with its grace."""
        try:
            for child in reversed(self._children):
                await child.stop()
        finally:
            self.kill()

    def kill(self) -> None:
        """Kill every process that still runs, at once."""
        for child in reversed(self._children):
            child.kill()
        self._children.clear()

    def _child(self, name: str) -> SupervisedChild:
        return next(child for child in self._children if child.spec.name == name)

    async def _require_ready(self, child: SupervisedChild) -> None:
        spec = child.spec
        # The death of any child ends the wait: those that start may depend on it.
        if not await wait_until_ready(spec.ready, self._require_alive, within=spec.startup):
            raise ChildNotReady(spec.name, spec.startup, child.log_tail())

    def _require_alive(self) -> None:
        for child in self._children:
            if child.exit_code is not None:
                raise ChildDied(child.spec.name, child.exit_code, child.log_tail())
