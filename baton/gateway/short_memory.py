"""Answers that are kept for some seconds, and made once however many ask at the same time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST_KEPT = 200
"""Answers that are kept at most; each tokens' accounts may make one of its own."""


class ShortMemory(Generic[K, V]):
    """Keeps answers by their question.

    Args:
        clock: A monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[K, tuple[float, V]] = {}
        self._asked: dict[K, asyncio.Task[V]] = {}

    async def get(self, question: K, seconds: float, answer: Callable[[], Awaitable[V]]) -> V:
        """Return the answer to a question: the kept one, the one that is being made, or a new one.

        Args:
            question: What the answer depends on.
            seconds: How long it is kept.
            answer: Makes it; its errors are not kept.
        """
        kept = self._kept.get(question)
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        if question not in self._asked:
            self._asked[question] = asyncio.create_task(self._make(question, seconds, answer))
        # Somebody who stops waiting must not take the answer away from the others.
        return await asyncio.shield(self._asked[question])

    async def _make(self, question: K, seconds: float, answer: Callable[[], Awaitable[V]]) -> V:
        try:
            made = await answer()
        finally:
            del self._asked[question]
        self._kept.pop(question, None)
        self._kept[question] = (self._clock() + seconds, made)
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return made
