"""Work that starts at a fixed pace, however long each piece takes: a slow answer does not lower the load."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def paced(work: Callable[[int], Awaitable[T]], *, count: int, rate: float) -> list[T]:
    """Start `work` with each number below `count`, `rate` times a second; return all results in that order."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> T:
        await asyncio.sleep(began + number / rate - loop.time())
        return await work(number)

    return list(await asyncio.gather(*map(one, range(count))))
