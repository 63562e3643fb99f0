"""A crowd of customers who each run one order after the other. Imports nothing of Baton, so any process can use it."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

WARM_UP = 2.0
"""Seconds of load before a measurement."""


class ShapeRun(NamedTuple):
    """One complete run of the order shape.

    Attributes:
        name: Its name, unique in this run.
        ended: When its result came, by the monotonic clock.
        quote: Seconds from the start to the end of its first step; None if that is read elsewhere.
        lags: For each signal, the seconds from sending it until the order had applied it.
    """

    name: str
    ended: float
    quote: float | None = None
    lags: tuple[float, ...] = ()


class CrowdRun(NamedTuple):
    """The orders that ended during a measurement, and its length in seconds."""

    seconds: float
    runs: list[ShapeRun]


class Crowd:
    """Keeps a number of orders under way.

    Args:
        run_one: Runs the order of this number to its end.
        mark: Called when a measurement begins and when it ends, to read the clocks of processes.
    """

    def __init__(self, run_one: Callable[[int], Awaitable[ShapeRun]], mark: Callable[[], None]) -> None:
        self._run_one, self._mark = run_one, mark
        self._numbers = itertools.count()
        self._closing = False
        self._runs: list[ShapeRun] = []

    async def measure(self, under_way: int, seconds: float) -> CrowdRun:
        """Keep that many orders under way for some seconds, after a warm-up; any order's error is raised."""
        self._closing, self._runs = False, []
        customers = [asyncio.create_task(self._shop()) for _ in range(under_way)]
        try:
            await _wait(customers, WARM_UP)
            self._mark()
            began = time.monotonic()
            await _wait(customers, seconds)
            ended = time.monotonic()
            self._mark()
            self._closing = True
            await asyncio.gather(*customers)
        finally:
            await _cancel(customers)
        return CrowdRun(ended - began, [run for run in self._runs if began <= run.ended < ended])

    async def _shop(self) -> None:
        while not self._closing:
            self._runs.append(await self._run_one(next(self._numbers)))


async def _wait(customers: list[asyncio.Task[None]], seconds: float) -> None:
    done, _ = await asyncio.wait(customers, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for customer in done:
        customer.result()


async def _cancel(customers: list[asyncio.Task[None]]) -> None:
    for customer in customers:
        customer.cancel()
    await asyncio.gather(*customers, return_exceptions=True)
