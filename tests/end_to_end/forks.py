"""Programs of Baton in processes that are forks of one, which has imported them.

The imports take a second, which is most of what a worker's start costs. Apart from them a fork starts as the program.
"""

import gc
import os
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from baton.process.lifecycle import leave

_IMPORTED = ["tests.end_to_end.boundary_worker", "baton.gateway.__main__"]

_forking = get_context("forkserver")
_forking.set_forkserver_preload(_IMPORTED)


def start_fork(
    program: Callable[..., int], *arguments: object, environment: dict[str, str], output: Path | None = None
) -> ForkServerProcess:
    """Start a program, a function that returns the exit code, in a process of its own with this environment alone.

    The file `output` takes what it writes; without one nothing takes what is on stdout.
    """
    process = _forking.Process(target=_run, args=(program, arguments, environment, output))
    process.start()
    return process


def _run(
    program: Callable[..., int], arguments: tuple[object, ...], environment: dict[str, str], output: Path | None
) -> None:
    gc.freeze()  # what was imported needs no garbage collection in each fork
    os.environ.clear()
    os.environ.update(environment)
    taker = os.open(output or os.devnull, os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(taker, sys.stdout.fileno())
    if output:
        os.dup2(taker, sys.stderr.fileno())
    sys.exit(leave(program(*arguments)))
