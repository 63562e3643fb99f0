"""The `baton` command as people and scripts run it: as a process, with its exit code and output."""

import asyncio
import json
import os
import shlex
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.printed import check_printed
from tests.paths import ROOT

DEADLINE = 60
"""Seconds that a command may take at most."""


@dataclass(frozen=True)
class CommandResult:
    """The exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON documents on stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self) -> dict[str, str]:
        """The error on stdout of a command with `--json`."""
        return dict(self.json["error"])


@dataclass(frozen=True)
class ForkServer:
    """The process that forks commands, one command at a time."""

    process: Process
    turn: asyncio.Lock

    async def run(self, request: Mapping[str, Any]) -> int:
        """Run a command to its end; return its exit code.

        Raises:
            TimeoutError: It was not done within `DEADLINE`.
        """
        assert self.process.stdin
        assert self.process.stdout
        async with self.turn:
            self.process.stdin.write(json.dumps({**request, "seconds": DEADLINE}).encode() + b"\n")
            code = int(await self.process.stdout.readline())
        if code == -signal.SIGALRM:
            raise TimeoutError(f"{request['arguments']} took longer than {DEADLINE} s")
        return code


@dataclass(frozen=True)
class Baton:
    """The command in one folder and environment."""

    fork_server: ForkServer
    folder: Path
    environment: Mapping[str, str]

    async def __call__(
        self, *arguments: str, stdin: str = "", terminal: str | None = None, **environment: str
    ) -> CommandResult:
        """Run a command to its end; a terminal takes what it draws on stdout."""
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / name for name in ("in", "out", "err")]
            files[0].write_text(stdin)
            code = await self.fork_server.run(
                {
                    "folder": str(self.folder),
                    "environment": {**self.environment, **environment},
                    "arguments": arguments,
                    "files": [str(files[0]), terminal or str(files[1]), str(files[2])],
                }
            )
            result = CommandResult(code, "" if terminal else files[1].read_text(), files[2].read_text())
            if "--json" in arguments:
                check_printed(arguments, result.out)
            return result

    def command(self, *arguments: str) -> str:
        """Return the command as text for a shell."""
        return shlex.join([sys.executable, "-m", "baton", *arguments])

    @asynccontextmanager
    async def running(self, *arguments: str) -> AsyncIterator[Process]:
        """Run a command as a process for as long as the block lasts."""
        async with child("-m", "baton", *arguments, folder=self.folder, environment=self.environment) as process:
            yield process


@asynccontextmanager
async def child(*arguments: str, folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Process]:
    """Run Python for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=folder, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=2**20
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynccontextmanager
async def open_fork_server() -> AsyncIterator[ForkServer]:
    """Start the process that forks commands."""
    async with child("-m", "tests.cli.fork_server", folder=ROOT, environment=bare_environment()) as process:
        yield ForkServer(process, asyncio.Lock())


def bare_environment(**settings: str) -> dict[str, str]:
    """Return the environment of the tests without settings of Temporal, Orchestra and Baton."""
    private = ("TEMPORAL_", "ORCHESTRA_", "BATON_")
    others = {name: value for name, value in os.environ.items() if not name.startswith(private)}
    return {
        **others,
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        **settings,
    }


async def interrupt(process: Process) -> int:
    """Send the signal of Ctrl-C; return the exit code."""
    process.send_signal(signal.SIGINT)
    return await asyncio.wait_for(process.wait(), DEADLINE)
