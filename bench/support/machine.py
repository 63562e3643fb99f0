"""The machine of a run, and the CPU time of a stack's processes.

CPU time is read from `/proc`, which only Linux has; on other systems those figures are empty.
"""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client

_PROC = Path("/proc")
_PARENT, _USER_TICKS, _SYSTEM_TICKS, _ENDED_USER_TICKS, _ENDED_SYSTEM_TICKS = 1, 11, 12, 13, 14
_START_TICKS = 19
"""Positions in `/proc/PID/stat`, counted after the command's name, because the name may contain blanks."""


class Machine(NamedTuple):
    """The machine and the Temporal versions of a run."""

    system: str
    cores: int
    load_before: float | None
    """Load average of the last minute when the run began, as a measure of other work on the machine."""
    python: str
    temporal_server: str
    temporal_sdk: str


class Host(NamedTuple):
    """The machine of a run without a Temporal server."""

    system: str
    cores: int
    load_before: float | None
    python: str


def load_average() -> float | None:
    """Return the load average of the last minute; None if the system has none."""
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None


async def describe_machine(temporal: Client, load_before: float | None) -> Machine:
    """Return this machine and the Temporal versions in use."""
    server = await temporal.workflow_service.get_system_info(GetSystemInfoRequest())
    return Machine(*describe_host(load_before), server.server_version, version("temporalio"))


def describe_host(load_before: float | None) -> Host:
    """Return this machine."""
    system = f"{platform.system()} {platform.machine()}"
    return Host(system, os.cpu_count() or 1, load_before, platform.python_version())


def child_processes() -> dict[int, str]:
    """Return short names of the processes that this one has started, by process id; empty without `/proc`."""
    children = {}
    for folder in _PROC.glob("[0-9]*"):
        pid = int(folder.name)
        fields = _stat(pid)
        if fields and int(fields[_PARENT]) == os.getpid():
            children[pid] = _name(pid)
    return children


def cpu_seconds(processes: dict[int, str]) -> dict[str, float]:
    """Return the CPU seconds of each process, with this one as `driver`; empty without `/proc`."""
    used = {}
    for pid, name in {**processes, os.getpid(): "driver"}.items():
        fields = _stat(pid)
        if fields:
            ticks = int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS])
            used[name] = ticks / os.sysconf("SC_CLK_TCK")
    return used


def cpu_between(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Return the CPU seconds used between two measurements."""
    return {name: round(seconds - before[name], 2) for name, seconds in after.items() if name in before}


def process_tree(root: int) -> list[int]:
    """Return a process and everything that it has started, directly or not; empty without `/proc`."""
    parents = {int(folder.name): _stat(int(folder.name)) for folder in _PROC.glob("[0-9]*")}
    tree = [root] if root in parents else []
    for known in tree:
        tree += [pid for pid, fields in parents.items() if fields and int(fields[_PARENT]) == known]
    return tree


def tree_cpu_seconds(pids: list[int]) -> float:
    """Return the CPU seconds of these processes and of their children that have ended."""
    stats = [fields for fields in map(_stat, pids) if fields]
    kinds = (_USER_TICKS, _SYSTEM_TICKS, _ENDED_USER_TICKS, _ENDED_SYSTEM_TICKS)
    return sum(int(fields[kind]) for fields in stats for kind in kinds) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process; 0 without `/proc`."""
    return _pages(pid)[1] * os.sysconf("SC_PAGE_SIZE")


def private_bytes(pid: int) -> int:
    """Return the resident memory that a process shares with no file and no other process; 0 without `/proc`."""
    _, resident, shared = _pages(pid)
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def _pages(pid: int) -> tuple[int, int, int]:
    """Return the pages of a process: all, those in memory, and those of them that are shared."""
    try:
        size, resident, shared = (_PROC / str(pid) / "statm").read_text(encoding="utf-8").split()[:3]
    except OSError:
        return 0, 0, 0
    return int(size), int(resident), int(shared)


def process_age(pid: int) -> float:
    """Return the seconds since a process started; 0 without `/proc`."""
    fields = _stat(pid)
    if not fields:
        return 0.0
    up = float((_PROC / "uptime").read_text(encoding="utf-8").split()[0])
    return up - int(fields[_START_TICKS]) / os.sysconf("SC_CLK_TCK")


class CpuMarks:
    """CPU seconds of processes between two marks.

    Args:
        processes: Their names by process id; this process counts as `driver`.
    """

    def __init__(self, processes: dict[int, str]) -> None:
        self._processes = processes
        self._marks: list[dict[str, float]] = []

    def mark(self) -> None:
        """Read the clocks."""
        self._marks.append(cpu_seconds(self._processes))

    @property
    def used(self) -> dict[str, float]:
        """CPU seconds of each process between the last two marks."""
        return cpu_between(*self._marks[-2:])


def _stat(pid: int) -> list[str]:
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        # The process has just ended, or there is no /proc.
        return []


def _name(pid: int) -> str:
    """Return the last part of the Python module or the script that a process runs, or else the name of its program."""
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return str(pid)
    if "-m" in words[:-1]:
        return words[words.index("-m") + 1].rpartition(".")[2]
    scripts = (Path(word).stem for word in words if word.endswith(".py"))
    return next(scripts, Path(words[0]).name)
