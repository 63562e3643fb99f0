"""`make demo CRASH=1`: kills parts of the stack with SIGKILL while orders run, and starts them again."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from rich.table import Table

from baton.errors import Unreachable

T = TypeVar("T")

TEMPORAL, WORKER, GATEWAY = "temporal", "worker", "gateway"

ROUNDS: Sequence[Sequence[str]] = (
    (WORKER,),
    (TEMPORAL,),
    (GATEWAY,),
    (WORKER, GATEWAY),
    (TEMPORAL, WORKER),
    (TEMPORAL, WORKER, GATEWAY),
)
"""What is killed at the same moment, round by round."""

_PAUSE = (0.4, 2.0)
"""Seconds between everything being ready and the next kill, at least and at most."""

_RETRY = 0.3
"""Seconds until a call without an answer is repeated."""


class Crashable(Protocol):
    """A stack of which parts can be killed."""

    async def crash(self, *names: str) -> None:
        """Kill parts, and return when they are ready again."""


@dataclass(frozen=True)
class Crash:
    """Parts that were killed at one moment.

    Attributes:
        names: The parts.
        at: Seconds since the first order was placed.
        down_for: Seconds until all of them were ready again.
        under_way: How many orders were placed and had not ended.
    """

    names: tuple[str, ...]
    at: float
    down_for: float
    under_way: int

    def document(self) -> dict[str, Any]:
        """Return the crash as JSON."""
        return {
            "killed": list(self.names),
            "at": round(self.at, 2),
            "down_for": round(self.down_for, 2),
            "under_way": self.under_way,
        }


async def crash_all(
    stack: Crashable, crashes: list[Crash], *, parts: Sequence[str], under_way: Callable[[], int]
) -> None:
    """Kill what each round names, at moments that differ from run to run.

    Args:
        stack: The stack.
        crashes: Gets what was killed.
        parts: The parts that the stack runs itself; others are left alone.
        under_way: Counts the orders that are under way.

    Raises:
        StackError: A part did not start again, or another one died of a kill.
    """
    began = time.monotonic()
    for names in ROUNDS:
        own = tuple(name for name in names if name in parts)
        await asyncio.sleep(random.uniform(*_PAUSE))  # noqa: S311 nobody gains by guessing the moment
        if own:
            at, open_orders = time.monotonic() - began, under_way()
            await stack.crash(*own)
            crashes.append(Crash(own, at, time.monotonic() - began - at, open_orders))


async def insist(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat a call of Baton until it is answered, as an app does: repeating one is always safe."""
    while True:
        try:
            return await call()
        except Unreachable:
            await asyncio.sleep(_RETRY)


def crash_table(crashes: Sequence[Crash]) -> Table:
    """Return what was killed and when."""
    table = Table(title="Killed with SIGKILL, and started again", title_justify="left")
    table.add_column("after", justify="right")
    table.add_column("killed")
    table.add_column("ready again after", justify="right")
    table.add_column("orders under way", justify="right")
    for crash in crashes:
        cells = (f"{crash.at:.1f} s", ", ".join(crash.names), f"{crash.down_for:.1f} s", str(crash.under_way))
        table.add_row(*cells)
    return table
