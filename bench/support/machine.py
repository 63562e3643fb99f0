"""What the figures were taken on, and what the processes of a stack use of it.

CPU time is read from `/proc`, which Linux alone has; elsewhere that part of the figures stays empty.
"""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client

_PROC = Path("/proc")
_PARENT, _USER_TICKS, _SYSTEM_TICKS = 1, 11, 12
"""Places in `/proc/PID/stat` counted from behind the command's name, which may itself hold blanks."""


class Machine(NamedTuple):
    """Where a run took place."""

    system: str
    cores: int
    load_before: float | None
    """Load average of the last minute when the run began: what others were doing."""
    python: str
    temporal_server: str
    temporal_sdk: str


class Host(NamedTuple):
    """Where a run took place that needs no Temporal server."""

    system: str
    cores: int
    load_before: float | None
    python: str


def load_average() -> float | None:
    """Return the load average of the last minute, where the system has one."""
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None


async def look_at_machine(temporal: Client, load_before: float | None) -> Machine:
    """Return where this run takes place."""
    server = await temporal.workflow_service.get_system_info(GetSystemInfoRequest())
    return Machine(*look_at_host(load_before), server.server_version, version("temporalio"))


def look_at_host(load_before: float | None) -> Host:
    """Return where a run takes place."""
    system = f"{platform.system()} {platform.machine()}"
    return Host(system, os.cpu_count() or 1, load_before, platform.python_version())


def child_processes() -> dict[int, str]:
    """Return the processes that this one has started, by id, with a short name; empty without `/proc`."""
    found = {}
    for folder in _PROC.glob("[0-9]*"):
        pid = int(folder.name)
        told = _stat(pid)
        if told and int(told[_PARENT]) == os.getpid():
            found[pid] = _name(pid)
    return found


def cpu_seconds(processes: dict[int, str]) -> dict[str, float]:
    """Return the CPU seconds that each of these processes has used, and this one as `driver`; empty without `/proc`."""
    used = {}
    for pid, name in {**processes, os.getpid(): "driver"}.items():
        told = _stat(pid)
        if told:
            ticks = int(told[_USER_TICKS]) + int(told[_SYSTEM_TICKS])
            used[name] = ticks / os.sysconf("SC_CLK_TCK")
    return used


def cpu_between(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Return what was used between two readings, in CPU seconds."""
    return {name: round(seconds - before[name], 2) for name, seconds in after.items() if name in before}


def _stat(pid: int) -> list[str]:
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        # It has just ended, or there is no /proc.
        return []


def _name(pid: int) -> str:
    """Return the Python module that a process runs, or else its program's name."""
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return str(pid)
    return words[words.index("-m") + 1] if "-m" in words[:-1] else Path(words[0]).name
