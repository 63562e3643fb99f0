"""One child process: in a process group of its own, tied to its parent, with its output in a log file."""

import asyncio
import os
import signal
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from baton.local.stack import parent_death
from baton.local.stack.probes import Probe

_TAIL_LINES = 15
_POLL = 0.02
"""Seconds between two looks at a child that was asked to end."""


@dataclass(frozen=True)
class ChildSpec:
    """What to run, how to see that it is ready, and how long to be patient with it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    ready: Probe
    startup: float = 30.0
    """Seconds until it must be ready."""
    grace: float = 10.0
    """Seconds between SIGTERM and SIGKILL."""


class Child:
    """A running child process."""

    def __init__(self, spec: ChildSpec, logs: Path) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        self._process = _spawn(spec, self.log)

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended (negative: by that signal), or None while it runs."""
        return self._process.poll()

    def log_tail(self) -> str:
        """Return the end of its log as text to append to an error."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            last = [f"  {line.rstrip()}" for line in deque(lines, _TAIL_LINES)]
        return "\n".join([f"Its log, {self.log}, ends with:", *last]) if last else f"Its log, {self.log}, is empty."

    async def stop(self) -> None:
        """Ask it to end, wait for the grace it is given, then end it with all that it started."""
        self._signal(signal.SIGTERM)
        deadline = asyncio.get_running_loop().time() + self.spec.grace
        while self.exit_code is None and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110 no event tells
            await asyncio.sleep(_POLL)
        self.kill()

    def kill(self) -> None:
        """End it and all that it started, at once."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            # Nothing of the group is left; a group of zombies answers so too on some systems.
            return


def _spawn(spec: ChildSpec, log: Path) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as output:  # noqa: PTH123 a mode
        return subprocess.Popen(  # noqa: S603 the stack built the command
            [*parent_death.prefix(), *spec.command],
            env=dict(spec.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A Ctrl-C in the terminal reaches the supervisor alone, which then ends its children in order.
            process_group=0,
            # Logs and databases tell of orders: they are for the owner alone.
            umask=0o077,
        )
