"""Work that SIGINT, SIGTERM or SIGHUP cancels, so that its clean-up runs."""

import asyncio
import signal
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from baton.local.stack.errors import Interrupted

T = TypeVar("T")

_SAME_REQUEST_SECONDS = 1.0
"""A signal this soon after the last one is the same request: it may come from the terminal and from a parent process.
A later signal means impatience."""


async def until_signal(work: Coroutine[Any, Any, T]) -> T:
    """Run work to its end, or cancel it when SIGINT, SIGTERM or SIGHUP comes.

    The work's own clean-up then runs; a later signal cancels the clean-up too.

    Raises:
        Interrupted: A signal came before the work was done.
    """
    task = asyncio.ensure_future(work)
    received: list[tuple[int, float]] = []

    def on_signal(number: int) -> None:
        now = time.monotonic()
        if not received or now - received[-1][1] > _SAME_REQUEST_SECONDS:
            received.append((number, now))
            task.cancel()

    loop = asyncio.get_running_loop()
    numbers = _handled_signals()
    for number in numbers:
        loop.add_signal_handler(number, on_signal, number)
    try:
        return await task
    except asyncio.CancelledError:
        if received:
            raise Interrupted(received[0][0]) from None
        raise
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _handled_signals() -> list[int]:
    # `nohup` ignores SIGHUP on purpose.
    hang_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGINT, signal.SIGTERM, *hang_up]
