"""Waiting for what will come true, instead of sleeping for as long as it might take."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    look: Callable[[], Awaitable[T]], until: Callable[[T], bool] = bool, *, within: float = 15.0
) -> T: ...
@overload
async def eventually(look: Callable[[], T], until: Callable[[T], bool] = bool, *, within: float = 15.0) -> T: ...
async def eventually(look: Callable[[], Any], until: Callable[[Any], bool] = bool, *, within: float = 15.0) -> Any:
    """Return the first look that satisfies `until`. A look may be awaited or have its answer at once.

    Raises:
        AssertionError: None did within that many seconds; the text shows the last look.
    """
    deadline = time.monotonic() + within
    while True:
        looked = look()
        seen = await looked if inspect.isawaitable(looked) else looked
        if until(seen):
            return seen
        assert time.monotonic() < deadline, f"not within {within} s; last seen: {seen!r}"
        await asyncio.sleep(0.01)
