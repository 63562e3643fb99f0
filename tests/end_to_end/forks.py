"""Programs of Baton in processes that are forks of one, which has imported them.

The imports take a second, which is most of what a worker's start costs. Apart from them a fork starts as the program.
"""

import gc
import os
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess

from baton.process.lifecycle import leave

_IMPORTED = ["tests.end_to_end.boundary_worker", "baton.gateway.__main__"]

_forking = get_context("forkserver")
_forking.set_forkserver_preload(_IMPORTED)


def start_fork(program: Callable[..., int], *arguments: object, environment: dict[str, str]) -> ForkServerProcess:
    """Start a program, a function that returns the exit code, in a process of its own with this environment alone."""
    process = _forking.Process(target=_run, args=(program, arguments, environment))
    process.start()
    return process


def _run(program: Callable[..., int], arguments: tuple[object, ...], environment: dict[str, str]) -> None:
    gc.freeze()  # what was imported needs no garbage collection in each fork
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(leave(program(*arguments)))
