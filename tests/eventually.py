"""Waiting for what will come true, instead of sleeping for as long as it might take."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T]], until: Callable[[T], bool] = bool, *, within: float = 15.0) -> T:
    """Return the first look that satisfies `until`.

    Raises:
        AssertionError: None did within that many seconds; the text shows the last look.
    """
    deadline = time.monotonic() + within
    while True:
        seen = await look()
        if until(seen):
            return seen
        assert time.monotonic() < deadline, f"not within {within} s; last seen: {seen!r}"
        await asyncio.sleep(0.02)
