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

_KEPT_LINES = 5


class CodeFails(Exception):
    """The code in the folder does not start, or ended in the middle; the text has the last lines that it wrote."""


class ReplayProcess:
    """A process that replays histories. Use it as a context manager.

    Args:
        program: The folder's `rehearse.py`.

    Attributes:
        workflows: The workflows that the code has.
    """

    def __init__(self, program: Path) -> None:
        self._program = program
        self._said: list[str] = []
        self.workflows: list[str] = []

    async def __aenter__(self) -> "ReplayProcess":
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
            self.workflows = read_handshake(await self._line())
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
            CodeFails: The process ended.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(history_line(SentHistory(0, history)).encode())
        with contextlib.suppress(ConnectionError):  # it ended; what it wrote last says why
            await self._process.stdin.drain()
        return Replayed.model_validate_json(await self._line())

    async def _line(self) -> str:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            await self._process.wait()
            await self._listening
            last = " / ".join(self._said) or f"exit code {self._process.returncode}"
            raise CodeFails(f"the code in {self._program.parent} does not run: {last}")
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
