"""One child process: in its own process group, tied to its parent, stopped with SIGTERM and then SIGKILL."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import IO

from baton.local import parent_death

Probe = Callable[[], Awaitable[bool]]
"""Asks once whether a process is ready; answers yes or no, and raises nothing."""

GRACE_SECONDS = 10.0
"""Seconds between SIGTERM and SIGKILL, unless the caller says otherwise."""

_READY_POLL_SECONDS = 0.05
_EXIT_POLL_SECONDS = 0.02


class ChildProcess:
    """A running child process, with everything that it starts itself.

    Args:
        command: Program and arguments.
        environment: Its environment; this process's own when None.
        pipes: Whether stdin and stdout are pipes to this process, for `send_line` and `read_line`.
        log: A file for its output.
        show_errors: Whether its stderr goes where this process's stderr goes.

    Output that no argument asks for goes nowhere.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        pipes: bool = False,
        log: IO[bytes] | None = None,
        show_errors: bool = False,
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 the caller built the command
            [*parent_death.prefix(), *command],
            env=None if environment is None else dict(environment),
            stdin=PIPE if pipes else DEVNULL,
            stdout=PIPE if pipes else log or DEVNULL,
            stderr=None if show_errors else log or DEVNULL,
            # A Ctrl-C in the terminal reaches only the parent, which then stops its children in order.
            process_group=0,
            # Logs and databases contain orders, so only the owner may read them.
            umask=0o077,
        )

    @property
    def pid(self) -> int:
        """The process id, which is also the id of the process group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative if a signal ended the process; None while it runs."""
        return self._process.poll()

    async def send_line(self, line: str) -> None:
        """Write one line to its stdin; if the process has ended, only `read_line` shows it."""
        with suppress(BrokenPipeError):
            await asyncio.to_thread(self._write, f"{line}\n".encode())

    async def read_line(self, *, within: float) -> str:
        """Return the next line of its stdout without the line break; empty if the output has ended.

        Raises:
            TimeoutError: No line came within that many seconds.
        """
        assert self._process.stdout
        line = await asyncio.wait_for(asyncio.to_thread(self._process.stdout.readline), within)
        return line.decode().rstrip("\n")

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Send SIGTERM, wait up to `grace` seconds, then kill what is left of the group."""
        try:
            self._signal(signal.SIGTERM)
            deadline = time.monotonic() + grace
            while self.exit_code is None and time.monotonic() < deadline:  # noqa: ASYNC110 nothing signals an exit
                await asyncio.sleep(_EXIT_POLL_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """Kill the whole group at once, and close the pipes."""
        self._signal(signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            # Closing flushes what a broken pipe did not take.
            with suppress(BrokenPipeError):
                if pipe:
                    pipe.close()

    def _write(self, data: bytes) -> None:
        assert self._process.stdin
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            # Nothing of the group is left. Some systems answer PermissionError for a group of zombies.
            return


@asynccontextmanager
async def running(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    pipes: bool = False,
    show_errors: bool = False,
) -> AsyncIterator[ChildProcess]:
    """Run a command until the block ends; the arguments are those of `ChildProcess`."""
    process = ChildProcess(command, environment=environment, pipes=pipes, show_errors=show_errors)
    try:
        yield process
    finally:
        await process.stop()


async def wait_until_ready(ready: Probe, require_alive: Callable[[], None], *, within: float) -> bool:
    """Poll a starting process and return whether it was ready within that many seconds.

    Args:
        ready: The probe.
        require_alive: Raises an error if the wait makes no sense any more, because a process has ended.
        within: Seconds.
    """
    deadline = time.monotonic() + within
    while not await ready():
        require_alive()
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_READY_POLL_SECONDS)
    # If the process has ended, another program on its port has answered the probe.
    require_alive()
    return True


def open_log(path: Path) -> IO[bytes]:
    """Open a new log file that only the owner can read; keep the previous one as `NAME.log.1`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_suffix(".log.1"))
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb")  # noqa: PTH123 a mode
