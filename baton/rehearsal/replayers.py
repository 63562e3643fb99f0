"""The processes that replay: each has the code of one folder, and takes one history at a time."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio.client import WorkflowHistory

from baton.rehearsal.protocol import LONGEST_LINE, Replayed, SentHistory, history_line, read_handshake

PATIENCE = 120.0
"""Seconds that the replay of one history may take; the longest takes some seconds."""

START_PATIENCE = 120.0
"""Seconds until a process must have loaded its code."""

MAX_LOST = 5
"""Histories that a process may hang or end with; after one more, nothing is to be hoped for from the others."""

_KEPT_LINES = 5


class CodeFails(Exception):
    """The code in the folder does not start, or does not replay; the text has the last lines that it wrote."""


class _NoLine(Exception):
    """The process hung or ended; the text says which, or has the last lines that it wrote."""


class ReplayProcess:
    """A process that replays histories; after one that it hangs or ends with, it starts again. It is a context manager.

    Args:
        program: The folder's `rehearse.py`.

    Attributes:
        workflows: The workflows that the code has.
    """

    def __init__(self, program: Path) -> None:
        self._program = program
        self._said: list[str] = []
        self._lost = 0
        self.workflows: list[str] = []

    async def __aenter__(self) -> "ReplayProcess":
        self._said = []
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(self._program),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            env=_environment(os.environ, self._program.parent),
        )
        self._listening = asyncio.create_task(self._listen())
        try:
            self.workflows = read_handshake(await self._line(START_PATIENCE))
        except _NoLine as error:
            await self.__aexit__()
            raise CodeFails(f"the code in {self._program.parent} does not run: {error}") from None
        except ValueError:
            await self.__aexit__()
            raise CodeFails(f"{self._program} is no program that rehearses") from None
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._listening

    async def replay(self, history: WorkflowHistory) -> Replayed:
        """Replay a history; return the verdict.

        Raises:
            CodeFails: The process hung or ended with so many histories that it is given up.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(history_line(SentHistory(0, history)).encode())
        with contextlib.suppress(ConnectionError):  # it ended; what it wrote last says why
            await self._process.stdin.drain()
        try:
            return Replayed.model_validate_json(await self._line(PATIENCE))
        except _NoLine as error:
            return await self._without(history, f"the process that replays it stops: {error}")

    async def _without(self, history: WorkflowHistory, failure: str) -> Replayed:
        """Start again; return the verdict on the history with which the process hung or ended."""
        self._lost += 1
        if self._lost > MAX_LOST:
            raise CodeFails(f"{history.workflow_id}, like {MAX_LOST} others: {failure}")
        await self.__aexit__()
        await self.__aenter__()
        return Replayed(number=0, failure=failure)

    async def _line(self, seconds: float) -> str:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(seconds):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise _NoLine(f"no answer within {seconds:g} s") from None
        if not line:
            await self._process.wait()
            await self._listening
            raise _NoLine(" / ".join(self._said) or f"exit code {self._process.returncode}")
        return line.decode()

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            if text := line.decode(errors="replace").strip():
                self._said = [*self._said, text][-_KEPT_LINES:]


@asynccontextmanager
async def replay_processes(program: Path, count: int) -> AsyncIterator[list[ReplayProcess]]:
    """Run so many processes until the block ends.

    Raises:
        CodeFails: The code does not start.
    """
    async with contextlib.AsyncExitStack() as stack:
        starts = [stack.enter_async_context(ReplayProcess(program)) for _ in range(count)]
        yield list(await asyncio.gather(*starts))


def _environment(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the environment of a process that imports `baton` from the folder of its program, not from this one."""
    return {**environment, "PYTHONPATH": str(folder)}
