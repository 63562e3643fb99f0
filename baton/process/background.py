"""Tasks that run beside what a process does, until it stops."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """Runs coroutines that never end by themselves, and cancels them together."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[Any]] = []

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start a coroutine; it handles its own errors."""
        self._tasks.append(asyncio.create_task(work))

    async def stop(self) -> None:
        """Cancel all of them, and wait until they have ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
