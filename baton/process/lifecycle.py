"""How a process of Baton starts, stops and exits."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from baton.process.open_files import raise_file_limit

EXIT_DONE = 0
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3


def run_main(main: Coroutine[Any, Any, int], *, uvloop: bool = False) -> int:
    """Run a process's main coroutine, with as many open files as the system allows; return its exit code.

    What was imported until now stays until the process ends, and is never looked through for garbage again. The
    collection at the end frees the Temporal SDK's native objects before the interpreter shuts down.

    Args:
        main: What to run.
        uvloop: Whether to run it on uvloop where that is installed. It costs less for each event, but a server that
            others can reach must not use it: when no more files can be opened, uvloop drops connections without a
            line in the log, and may stop to listen for good.
    """
    raise_file_limit()
    gc.freeze()
    gc.enable()
    try:
        with asyncio.Runner(loop_factory=_uvloop() if uvloop else None) as runner:
            return runner.run(main)
    except KeyboardInterrupt:
        return 130
    finally:
        gc.collect()


def _uvloop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        from uvloop import new_event_loop
    except ImportError:  # it is not made for every platform
        return None
    return new_event_loop


def leave(code: int) -> int:
    """Exit at once if the Temporal SDK is loaded; otherwise return the code for the caller to exit with.

    The SDK's threads run for a moment after the last call. If the interpreter shuts down meanwhile, the process aborts
    although all its work is done (temporalio/sdk-python issue 300).
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the reader of the stream is gone
            stream.flush()
    if "temporalio.bridge" in sys.modules:
        os._exit(code)
    return code


def stop_requested() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set, so that the process drains instead of dying."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


class ReadyFile:
    """A file for supervisors that exists while the process is ready, if `BATON_READY_FILE` names one."""

    def __init__(self) -> None:
        name = os.environ.get("BATON_READY_FILE")
        self._path = Path(name) if name else None

    @classmethod
    def remove_old(cls) -> None:
        """Remove the file of a process that was killed: it is young, and would show this one as ready."""
        cls().__exit__()

    def __enter__(self) -> Self:
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        self.renew()
        return self

    def renew(self) -> None:
        """Write the file again: its age shows a supervisor whether the process still does its rounds."""
        if self._path:
            self._path.write_text(str(os.getpid()))

    def __exit__(self, *_: object) -> None:
        if self._path:
            self._path.unlink(missing_ok=True)
