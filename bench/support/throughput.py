"""How many orders a second go through the whole local stack, how long they take, and which process pays for it."""

import asyncio
import itertools
import time
from typing import NamedTuple

from baton.local.stack.showcase import SHOWPIECES
from baton.orders.names import order_workflow_id
from bench.support.figures import Spread
from bench.support.history import read_story
from bench.support.machine import cpu_between, cpu_seconds
from bench.support.orders import Lived, live
from bench.support.workbench import Workbench

_WARM_UP = 2.0
"""Seconds of load before anything is counted."""

_HISTORIES = 60
"""How many histories are read for the lag."""


class Throughput(NamedTuple):
    """What went through in the time that was counted.

    Attributes:
        concurrency: How many orders were under way at any time.
        seconds: How long was counted.
        orders: How many orders completed in that time.
        orders_per_second: The same by the second.
        quote: From placing an order to holding its quote.
        order: From placing an order to holding its result.
        lag: From a change at Orchestra until a snapshot shows what its webhook told.
        cpu_seconds: CPU seconds that each process used; empty where the system does not tell.
        failed: Orders that did not complete, warm-up and end included; they are in no other figure.
    """

    concurrency: int
    seconds: float
    orders: int
    orders_per_second: float
    quote: Spread | None
    order: Spread | None
    lag: Spread | None
    cpu_seconds: dict[str, float]
    failed: list[Lived]

    @property
    def cpu_ms_per_order(self) -> dict[str, float]:
        """Return what each process used for one order, in CPU milliseconds."""
        return {name: round(1000 * used / max(self.orders, 1), 1) for name, used in self.cpu_seconds.items()}


class _Customers:
    """Customers who place one order after the other, until they are told to stop or the orders run out."""

    def __init__(self, bench: Workbench, name: str, most: int) -> None:
        self._bench = bench
        self._name = name
        self._numbers = iter(range(most))
        self._pieces = itertools.cycle(SHOWPIECES)
        self.closing = False
        self.lived: list[Lived] = []

    async def shop(self) -> None:
        """Be one customer."""
        for number in self._numbers:
            if self.closing:
                return
            piece = next(self._pieces)
            self.lived.append(await live(self._bench, piece, f"bench-{self._name}-{number}"))


async def measure_throughput(bench: Workbench, *, concurrency: int, seconds: float, most: int) -> Throughput:
    """Keep orders of all kinds under way and count what completes.

    Args:
        bench: The stack to load.
        concurrency: How many orders are under way at any time.
        seconds: How long is counted, after a warm-up.
        most: Orders after which it ends in any case.
    """
    customers = _Customers(bench, f"{concurrency}-at-once", most)
    shopping = [asyncio.create_task(customers.shop()) for _ in range(concurrency)]
    try:
        await asyncio.wait(shopping, timeout=_WARM_UP)
        began, used_before = time.monotonic(), cpu_seconds(bench.processes)
        await asyncio.wait(shopping, timeout=seconds)
        ended, used_after = time.monotonic(), cpu_seconds(bench.processes)
        customers.closing = True
        await asyncio.gather(*shopping)
    finally:
        # The SDK turns a cancelled update into an error of its own, so a customer has to be told as well.
        customers.closing = True
        for one in shopping:
            one.cancel()
        await asyncio.gather(*shopping, return_exceptions=True)
    counted = [one for one in customers.lived if began <= one.ended < ended and one.error is None]
    failed = [one for one in customers.lived if one.error]
    figures = await _reckon(bench, counted, concurrency, ended - began, cpu_between(used_before, used_after))
    return figures._replace(failed=failed)


async def _reckon(
    bench: Workbench, done: list[Lived], concurrency: int, seconds: float, used: dict[str, float]
) -> Throughput:
    return Throughput(
        concurrency=concurrency,
        seconds=round(seconds, 1),
        orders=len(done),
        orders_per_second=round(len(done) / seconds, 1),
        quote=Spread.of_seconds([one.quote_seconds for one in done if one.quote_seconds is not None]),
        order=Spread.of_seconds([one.seconds for one in done]),
        lag=Spread.of_seconds(await _lags(bench, done)),
        cpu_seconds=used,
        failed=[],
    )


async def _lags(bench: Workbench, done: list[Lived]) -> list[float]:
    """Return the lags of some of the orders, spread over the time that was counted."""
    lags: list[float] = []
    for one in done[:: max(1, len(done) // _HISTORIES)]:
        handle = bench.temporal.get_workflow_handle(order_workflow_id("default", one.reference))
        lags += (await read_story(handle)).lags
    return lags
