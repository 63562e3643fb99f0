"""Runs a command that must not outlive its parent: `python parent_death.py PARENT_PID COMMAND ...`.

The command replaces this process, so it has the pid, the group and the signals that the parent sees. On Linux the
kernel then kills the command as soon as the thread that started it ends, for any reason; elsewhere the command
runs without that guarantee.

The process itself has to ask the kernel for this. A fork hook in the parent could ask too, but Python code between fork
and exec may deadlock in a process with threads, and the parent has the threads of Temporal's SDK.

This file imports only the standard library, because it runs before anything is set up.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _die_with(parent: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    # If the parent died before the request, the kernel sends no signal.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def prefix() -> list[str]:
    """Return what to put before a command so that it does not outlive this process."""
    # Isolated and without site packages, this costs about ten milliseconds.
    return [sys.executable, "-I", "-S", __file__, str(os.getpid())]


def main(parent: int, command: list[str]) -> None:
    """Become the command, tied to the life of the parent."""
    if sys.platform == "linux":
        _die_with(parent)
    os.execvp(command[0], command)  # noqa: S606 the parent built the command


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
