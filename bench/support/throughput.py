"""Throughput of the whole local stack: orders a second, their duration, and the CPU time of each process."""

import asyncio
import itertools
import time
from typing import NamedTuple

from baton.local.stack.showcase import SHOWPIECES
from baton.orders.names import order_workflow_id
from bench.support.figures import Spread
from bench.support.history import read_history
from bench.support.machine import cpu_between, cpu_seconds
from bench.support.orders import OrderRun, run_order
from bench.support.workbench import Workbench

_WARM_UP = 2.0
"""Seconds of load before the measurement."""

_HISTORIES = 60
"""How many histories are read for the lag."""


class Throughput(NamedTuple):
    """The throughput during one measurement.

    Attributes:
        concurrency: Concurrent orders.
        seconds: Duration of the measurement.
        orders: Orders that completed in that time.
        orders_per_second: Orders divided by seconds.
        quote: Time from placing an order to its quote.
        order: Time from placing an order to its result.
        lag: Time from a change at Orchestra until a snapshot shows it.
        cpu_seconds: CPU seconds of each process; empty if the system does not report them.
        failed: Orders that did not complete, also before and after the measurement; they are in no other figure.
    """

    concurrency: int
    seconds: float
    orders: int
    orders_per_second: float
    quote: Spread | None
    order: Spread | None
    lag: Spread | None
    cpu_seconds: dict[str, float]
    failed: list[OrderRun]

    @property
    def cpu_ms_per_order(self) -> dict[str, float]:
        """CPU milliseconds of each process for one order."""
        return {name: round(1000 * used / max(self.orders, 1), 1) for name, used in self.cpu_seconds.items()}


class _Customers:
    """Customers who each run one order after the other, until `closing` is set or there are no orders left."""

    def __init__(self, bench: Workbench, name: str, most: int) -> None:
        self._bench = bench
        self._name = name
        self._numbers = iter(range(most))
        self._pieces = itertools.cycle(SHOWPIECES)
        self.closing = False
        self.runs: list[OrderRun] = []

    async def shop(self) -> None:
        """Run orders as one customer."""
        for number in self._numbers:
            if self.closing:
                return
            piece = next(self._pieces)
            self.runs.append(await run_order(self._bench, piece, f"bench-{self._name}-{number}"))


async def measure_throughput(bench: Workbench, *, concurrency: int, seconds: float, most: int) -> Throughput:
    """Keep a number of orders of all kinds running, and count those that complete.

    Args:
        bench: The stack to load.
        concurrency: Concurrent orders.
        seconds: Duration of the measurement, after a warm-up.
        most: Maximum number of orders.
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
        # The SDK turns a cancelled update into an ordinary error, so cancelling alone does not stop a customer.
        customers.closing = True
        for customer in shopping:
            customer.cancel()
        await asyncio.gather(*shopping, return_exceptions=True)
    counted = [run for run in customers.runs if began <= run.ended < ended and run.error is None]
    failed = [run for run in customers.runs if run.error]
    figures = await _figures(bench, counted, concurrency, ended - began, cpu_between(used_before, used_after))
    return figures._replace(failed=failed)


async def _figures(
    bench: Workbench, done: list[OrderRun], concurrency: int, seconds: float, used: dict[str, float]
) -> Throughput:
    return Throughput(
        concurrency=concurrency,
        seconds=round(seconds, 1),
        orders=len(done),
        orders_per_second=round(len(done) / seconds, 1),
        quote=Spread.of_seconds([run.quote_seconds for run in done if run.quote_seconds is not None]),
        order=Spread.of_seconds([run.seconds for run in done]),
        lag=Spread.of_seconds(await _lags(bench, done)),
        cpu_seconds=used,
        failed=[],
    )


async def _lags(bench: Workbench, done: list[OrderRun]) -> list[float]:
    """Return the lags of some of the orders, spread over the measurement."""
    lags: list[float] = []
    for run in done[:: max(1, len(done) // _HISTORIES)]:
        handle = bench.temporal.get_workflow_handle(order_workflow_id("default", run.reference))
        lags += (await read_history(handle)).lags
    return lags
