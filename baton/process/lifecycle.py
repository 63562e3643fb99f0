"""How a process of Baton starts, is asked to stop, and ends."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

EXIT_DONE = 0
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3


def run_main(main: Coroutine[Any, Any, int]) -> int:
    """Run a process's main coroutine to its exit code.

    The garbage collection at the end lets the engine SDK's native parts go while the interpreter is whole.
    """
    try:
        return asyncio.run(main)
    except KeyboardInterrupt:
        return 130
    finally:
        gc.collect()


def leave(code: int) -> int:
    """End the process at once where the engine's SDK is loaded; return the code for the caller to end with otherwise.

    The SDK's threads live on for a moment after the last call, and where they meet an interpreter that is being taken
    down, the process aborts although all its work is done (temporalio/sdk-python issue 300).
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the reader has gone away
            stream.flush()
    if "temporalio.bridge" in sys.modules:
        os._exit(code)
    return code


def stop_requested() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set; the process then drains instead of dying."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


class ReadyFile:
    """A file that exists while the process is ready, where `BATON_READY_FILE` names one; for supervisors."""

    def __init__(self) -> None:
        name = os.environ.get("BATON_READY_FILE")
        self._path = Path(name) if name else None

    def __enter__(self) -> None:
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(str(os.getpid()))

    def __exit__(self, *_: object) -> None:
        if self._path:
            self._path.unlink(missing_ok=True)
