"""Runs a command that must not outlive its parent: `python parent_death.py PARENT_PID COMMAND ...`.

The command replaces this process, so its pid, its group and its signals are the ones that the supervisor sees. On
Linux the kernel then kills it the moment the thread that started it ends, however that happened; elsewhere the
command runs without that guarantee. The request has to be made by the process it is about. A fork hook of the
supervisor could do it too, but Python between fork and exec may deadlock in a process with threads, and the
supervisor has the SDK's. This file imports only the standard library, for it runs before anything is set up.
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
    # The parent may have died before the request; the kernel does not make up for that.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def prefix() -> list[str]:
    """Return what to put before a command so that it does not outlive this process."""
    # Isolated and without site packages this costs about ten milliseconds.
    return [sys.executable, "-I", "-S", __file__, str(os.getpid())]


def main(parent: int, command: list[str]) -> None:
    """Become the command, tied to the life of the parent."""
    if sys.platform == "linux":
        _die_with(parent)
    os.execvp(command[0], command)  # noqa: S606 the supervisor built the command


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
