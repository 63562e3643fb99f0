"""Node programs: where they are, and one of them as a process for the length of a block."""

import asyncio
import shutil
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from baton.local.nodes.node import NodeError, NodeMissing

T = TypeVar("T")

INSTALLED = Path(__file__).parents[3] / ".baton/nodes"
"""Where the repository's installer puts node programs."""

_PAUSE = 0.05
_STOP_LIMIT = 10.0


def missing(name: str) -> NodeMissing:
    """Return the refusal that names the installer as the remedy."""
    return NodeMissing(f"{name} is not installed; run tests/local/nodes/install.sh {name}")


def find(name: str, installed: str) -> str:
    """Return a node's program: the installed one, else one on the PATH.

    Args:
        name: The program.
        installed: Where the installer puts it, below `INSTALLED`.

    Raises:
        NodeMissing: There is none.
    """
    path = INSTALLED / installed
    found = str(path) if path.exists() else shutil.which(name)
    if found is None:
        raise missing(name)
    return found


@asynccontextmanager
async def running(command: Sequence[str], **streams: Any) -> AsyncIterator[Process]:
    """Run a program until the block ends; it then gets SIGTERM, and is killed if it does not heed that.

    Args:
        command: Program and arguments.
        **streams: `stdin`, `stdout`, `stderr` and `env`, as for `asyncio.create_subprocess_exec`; what is left out
            goes nowhere.
    """
    quiet: Mapping[str, Any] = {"stdin": DEVNULL, "stdout": DEVNULL, "stderr": DEVNULL}
    # A Ctrl-C in the terminal reaches whoever started the node, who then ends it in order.
    process = await asyncio.create_subprocess_exec(*command, **{**quiet, **streams}, process_group=0)
    try:
        yield process
    finally:
        await _stop(process)


async def until_ready(name: str, process: Process, look: Callable[[], Awaitable[T]], *, within: float = 30.0) -> T:
    """Return the first look at a starting node that raises no `NodeError`.

    Raises:
        NodeError: It ended, or none did within that many seconds.
    """
    deadline = time.monotonic() + within
    while True:
        if process.returncode is not None:
            raise NodeError(f"{name} ended with exit code {process.returncode} right after its start")
        try:
            return await look()
        except NodeError:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(_PAUSE)


async def _stop(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_LIMIT)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
