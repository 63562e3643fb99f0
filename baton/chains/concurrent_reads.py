"""Many addresses read one by one: a few at once, none lost silently, none once the provider asks for fewer."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from baton.chains.errors import ChainError, Throttled

T = TypeVar("T")

CONCURRENCY = 8
"""Calls under way at the same time; more only brings a provider's limit nearer."""


class ConcurrentReads(NamedTuple, Generic[T]):
    """What reading many brought.

    Attributes:
        found: What each key that was read brought.
        unread: Keys that failed, or whose turn did not come.
        trouble: Why, by one of the errors; that the provider asks for fewer calls comes first.
    """

    found: dict[str, T]
    unread: frozenset[str]
    trouble: ChainError | None


async def read_concurrently(
    keys: Iterable[str], read: Callable[[str], Awaitable[T]], *, concurrency: int = CONCURRENCY
) -> ConcurrentReads[T]:
    """Read every key, at most `concurrency` at a time; none is begun once the provider asks for fewer calls."""
    asked = tuple(dict.fromkeys(keys))
    waiting, found, troubles = deque(asked), dict[str, T](), list[ChainError]()

    async def work() -> None:
        while waiting:
            key = waiting.popleft()
            try:
                found[key] = await read(key)
            except ChainError as error:
                troubles.append(error)
                if isinstance(error, Throttled):
                    waiting.clear()

    async with asyncio.TaskGroup() as group:
        for _ in range(min(concurrency, len(asked))):
            group.create_task(work())
    trouble = next((one for one in troubles if isinstance(one, Throttled)), troubles[0] if troubles else None)
    return ConcurrentReads(found, frozenset(asked) - found.keys(), trouble)
