"""Helpers for tests of the local stack: small real processes, and waiting for a condition."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from baton.local.child_process import Probe
from baton.local.stack.parts import Commands
from baton.local.stack.supervisor import ChildSpec

FAKE_PART = str(Path(__file__).with_name("fake_part.py"))


def fake(*arguments: str) -> list[str]:
    """Return the command of a fake part of the stack; see `fake_part.py`."""
    return [sys.executable, "-I", FAKE_PART, *arguments]


def fake_commands() -> Commands:
    """Return fakes of worker, gateway and sandbox that are ready at once and obey SIGTERM."""
    return Commands(worker=fake("worker"), gateway=fake("gateway"), sandbox=fake("sandbox"))


async def at_once() -> bool:
    """A probe that is true at once."""
    return True


async def never() -> bool:
    """A probe that is never true."""
    return False


def child(
    *command: str,
    name: str = "part",
    ready: Probe = at_once,
    startup: float = 5.0,
    grace: float = 5.0,
    environment: Mapping[str, str] = os.environ,
    leaves: Path | None = None,
) -> ChildSpec:
    """Return a child that runs the command, by default with this process's environment."""
    return ChildSpec(name, command, environment, ready, startup=startup, grace=grace, leaves=leaves)


def is_running(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return not Path("/proc").is_dir()


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether the condition became true before the deadline."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
