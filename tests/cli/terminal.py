"""Runs a command with a terminal as stdout, and reads what the command drew there."""

import asyncio
import os
import re

from tests.cli.command import Baton

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


async def on_a_terminal(baton: Baton, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run a command with a terminal as stdout; return its exit code and all that it drew, with colours."""
    ours, theirs = os.openpty()
    drawn = asyncio.create_task(asyncio.to_thread(_read_all, ours))
    answer = await baton(*arguments, terminal=os.ttyname(theirs), **environment)
    os.close(theirs)
    return answer.code, await drawn


def _read_all(terminal: int) -> str:
    drawn = b""
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        while True:
            try:
                drawn += screen.read(4096)
            except OSError:  # the last writer has closed the terminal
                return drawn.decode()


def plain(screen: str) -> str:
    """Return the text on a terminal without its colours."""
    return _COLOURS.sub("", screen).replace("\r", "")
