"""Work that starts at a fixed pace, however long each piece takes; and work of which only so much is under way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 16
"""Calls that are under way at a time."""


async def paced(work: Callable[[int], Awaitable[T]], *, count: int, rate: float) -> list[T]:
    """Start `work` with each number below `count`, `rate` times a second; return all results in that order.

    A slow answer does not lower the load.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> T:
        await asyncio.sleep(began + number / rate - loop.time())
        return await work(number)

    return list(await asyncio.gather(*map(one, range(count))))


async def at_once(calls: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    """Make all calls, `AT_ONCE` of them at a time; return their results in the same order."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def made(call: Callable[[], Awaitable[T]]) -> T:
        async with limit:
            return await call()

    return list(await asyncio.gather(*(made(call) for call in calls)))
