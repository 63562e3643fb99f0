"""The programs of chain nodes: where they are installed, and when a started one answers."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from baton.local.child_process import ChildProcess, wait_until_ready
from baton.local.nodes.local_node import NodeError, NodeMissing

INSTALLED = Path(__file__).parents[3] / ".baton/nodes"
"""Where the repository's installer puts node programs."""


def not_installed(name: str) -> NodeMissing:
    """Return the error that a program is missing, with the installer as the remedy."""
    return NodeMissing(f"{name} is not installed; run tests/local/nodes/install.sh {name}")


def find_program(name: str, installed: str) -> str:
    """Return the path of a node's program: the installed one, or else the one on the PATH.

    Args:
        name: The program.
        installed: Where the installer puts it, below `INSTALLED`.

    Raises:
        NodeMissing: There is neither.
    """
    path = INSTALLED / installed
    program = str(path) if path.exists() else shutil.which(name)
    if program is None:
        raise not_installed(name)
    return program


async def require_ready(
    name: str, process: ChildProcess, ask: Callable[[], Awaitable[object]], *, within: float = 30.0
) -> None:
    """Wait until a starting node answers.

    Args:
        name: The node's name in errors.
        process: Its process.
        ask: A call to the node that raises `NodeError` while it does not answer.
        within: Seconds until it must answer.

    Raises:
        NodeError: The process ended, or the node did not answer in time.
    """
    failures: list[NodeError] = []

    async def ready() -> bool:
        try:
            await ask()
        except NodeError as error:
            failures.append(error)
            return False
        return True

    def require_alive() -> None:
        if process.exit_code is not None:
            raise NodeError(f"{name} ended with exit code {process.exit_code} right after its start")

    if not await wait_until_ready(ready, require_alive, within=within):
        raise failures[-1]
