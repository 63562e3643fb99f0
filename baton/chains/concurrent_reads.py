"""Read many addresses with a few calls at a time; report each failure, and stop at the provider's rate limit."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from baton.chains.errors import ChainError, Throttled

T = TypeVar("T")

CONCURRENCY = 8
"""Calls that run at the same time; more would only reach a provider's rate limit sooner."""


class ConcurrentReads(NamedTuple, Generic[T]):
    """The result of reading many keys.

    Attributes:
        results: The result for each key that was read.
        unread: Keys whose read failed or never started.
        error: One of the errors; a rate limit takes precedence. None if every read succeeded.
    """

    results: dict[str, T]
    unread: frozenset[str]
    error: ChainError | None


async def read_concurrently(
    keys: Iterable[str], read: Callable[[str], Awaitable[T]], *, concurrency: int = CONCURRENCY
) -> ConcurrentReads[T]:
    """Read every key, at most `concurrency` at a time; no read starts after the provider's rate limit is reached."""
    wanted = tuple(dict.fromkeys(keys))
    waiting, results, errors = deque(wanted), dict[str, T](), list[ChainError]()

    async def work() -> None:
        while waiting:
            key = waiting.popleft()
            try:
                results[key] = await read(key)
            except ChainError as error:
                errors.append(error)
                if isinstance(error, Throttled):
                    waiting.clear()

    async with asyncio.TaskGroup() as group:
        for _ in range(min(concurrency, len(wanted))):
            group.create_task(work())
    throttled = next((error for error in errors if isinstance(error, Throttled)), None)
    return ConcurrentReads(results, frozenset(wanted) - results.keys(), throttled or next(iter(errors), None))
