"""Waits until a condition is true, instead of sleeping for the longest time it may take."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

PATIENCE = 40.0
"""Seconds that a condition may take: many times what it needs alone, because several processes share the machine."""

FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.15
"""Seconds between two reads. Each read may cost several processes some milliseconds, so the pauses grow: a long wait is
not busy, and a short one is hardly longer."""


@overload
async def eventually(
    read: Callable[[], Awaitable[T]], until: Callable[[T], bool] = bool, *, within: float = PATIENCE
) -> T: ...
@overload
async def eventually(read: Callable[[], T], until: Callable[[T], bool] = bool, *, within: float = PATIENCE) -> T: ...
async def eventually(read: Callable[[], Any], until: Callable[[Any], bool] = bool, *, within: float = PATIENCE) -> Any:
    """Return the first value of `read`, a function or a coroutine function, that satisfies `until`.

    Raises:
        AssertionError: No value did within that many seconds; the text shows the last one.
    """
    deadline, pause = time.monotonic() + within, FIRST_PAUSE
    while True:
        result = read()
        value = await result if inspect.isawaitable(result) else result
        if until(value):
            return value
        assert time.monotonic() < deadline, f"not within {within} s; last value: {value!r}"
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, LONGEST_PAUSE)
