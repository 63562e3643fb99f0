"""Sandboxes as forks of a process that has imported everything: real processes, without the second of the imports.

The process reads JSON lines from stdin. One with the arguments of a sandbox, and the file for its output, starts it and
is answered with its process id; one with a process id kills that sandbox, and is answered once it has ended.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baton.local.sandbox.command import app
from tests.eventually import eventually
from tests.paths import ROOT

_UP = "sandbox is up"


@dataclass(frozen=True)
class Forks:
    """The process that forks sandboxes."""

    process: Process

    async def start(self, output: Path, *arguments: str) -> tuple[int, str]:
        """Start a sandbox with these options, and JSON as its log; return its process id and address once it is up."""
        pid = await self._ask({"arguments": [*arguments, "--log-format", "json"], "output": str(output)})
        lines = await eventually(lambda: output.read_text().splitlines(), lambda lines: _UP in "".join(lines))
        return pid, next(json.loads(line)["address"] for line in lines if _UP in line)

    async def kill(self, pid: int) -> None:
        """Kill a sandbox with SIGKILL."""
        await self._ask({"kill": pid})

    async def _ask(self, request: dict[str, Any]) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        return int(await asyncio.wait_for(self.process.stdout.readline(), 20))


@asynccontextmanager
async def running_forks() -> AsyncIterator[Forks]:
    """Run the process that forks sandboxes; no sandbox outlives it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}
    command = (sys.executable, "-m", "tests.local.sandbox.forks")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE, env=environment)
    try:
        yield Forks(process)
    finally:
        await process.communicate(b"")


def _start(arguments: list[str], output: str) -> int:
    with Path(os.devnull).open() as nothing, Path(output).open("w") as written:
        pid = os.fork()
        if pid == 0:
            for number, file in enumerate((nothing, written, written)):
                os.dup2(file.fileno(), number)
            app(arguments)
    return pid


def _kill(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return pid


def _serve() -> None:
    running: set[int] = set()
    for line in sys.stdin:
        request = json.loads(line)
        if "kill" in request:
            running.remove(answer := _kill(request["kill"]))
        else:
            running.add(answer := _start(**request))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for pid in running:
        _kill(pid)


if __name__ == "__main__":
    _serve()
