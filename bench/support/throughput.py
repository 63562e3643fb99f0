"""Throughput of the whole local stack: orders a second, their duration, and the CPU time of each process."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple, TypeVar

from baton.local.stack.showcase import SHOWPIECES
from baton.orders.names import order_workflow_id
from bench.support.figures import Spread, plain
from bench.support.history import HistoryCost, HistoryFigures, read_history
from bench.support.machine import cpu_between, cpu_seconds
from bench.support.orders import OrderRun, run_order
from bench.support.workbench import Workbench

_WARM_UP = 2.0
"""Seconds of load before the measurement."""

_HISTORIES = 60
"""How many histories are read for the lag and the cost."""

T = TypeVar("T")


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
        cost: The cost of an order in Temporal, each figure a median; None if no order completed.
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
    cost: HistoryCost | None
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
    # A stack that is measured twice has closed the first measurement's references.
    customers = _Customers(bench, f"{concurrency}-at-once-{secrets.token_hex(3)}", most)
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
    histories = [await _history(bench, run) for run in spread_over(done)]
    return Throughput(
        concurrency=concurrency,
        seconds=round(seconds, 1),
        orders=len(done),
        orders_per_second=round(len(done) / seconds, 1),
        quote=Spread.of_seconds([run.quote_seconds for run in done if run.quote_seconds is not None]),
        order=Spread.of_seconds([run.seconds for run in done]),
        lag=Spread.of_seconds([lag for history in histories for lag in history.lags]),
        cost=median_cost([history.cost for history in histories]),
        cpu_seconds=used,
        failed=[],
    )


def spread_over(done: Sequence[T]) -> Sequence[T]:
    """Return some of the orders, spread over the measurement: enough for the lag and the cost."""
    return done[:: max(1, len(done) // _HISTORIES)]


def median_cost(costs: Sequence[HistoryCost]) -> HistoryCost | None:
    """Return the median of each figure; None if there are no costs."""
    return HistoryCost(*(plain(median(column)) for column in zip(*costs, strict=True))) if costs else None


async def _history(bench: Workbench, run: OrderRun) -> HistoryFigures:
    return await read_history(bench.temporal.get_workflow_handle(order_workflow_id("default", run.reference)))
