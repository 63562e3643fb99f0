"""The cost of one order in Temporal, for each kind of source and each webhook mode."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from baton.local.stack.showcase import SHOWPIECES, Showpiece
from baton.orders.names import order_workflow_id
from bench.support.figures import Spread, plain
from bench.support.history import HistoryCost, HistoryFigures, read_history
from bench.support.orders import OrderRun, OrderScript, run_order
from bench.support.workbench import Workbench

MOST_IN_BURST, MOST_SPACED = (28, 4), (42, 8)
"""The design's ceilings for events and workflow tasks of an order on the happy path."""

_STAGGER = 0.25
"""Seconds between the starts of two orders, so that no order delays another."""


@dataclass(frozen=True)
class WebhookMode:
    """How the webhooks of an order arrive.

    Attributes:
        name: The mode in one word.
        explain: The mode in one sentence.
        script: How the sandbox moves the orders.
    """

    name: str
    explain: str
    script: OrderScript


BURST = WebhookMode("burst", "statuses 0.1 s apart, default coalescing window", OrderScript())
SPACED = WebhookMode("spaced", "statuses 1.5 s apart, more than the coalescing window", OrderScript("stepped", gap=1.5))
UNCOALESCED = WebhookMode("uncoalesced", "statuses 0.1 s apart, BATON_WEBHOOK_COALESCE=0", OrderScript())
SILENT = WebhookMode(
    "silent", "no webhooks: our own status read finds the end after 45 to 60 s", OrderScript("no_webhooks")
)


class KindCost(NamedTuple):
    """The cost of orders from one kind of source in one mode: the medians and the highest values."""

    mode: str
    kind: str
    orders: int
    median: HistoryCost
    worst: HistoryCost
    order_seconds: float

    @property
    def within_ceiling(self) -> bool:
        """Whether even the costliest order stayed within the design's ceiling."""
        events, tasks = MOST_IN_BURST if self.mode == BURST.name else MOST_SPACED
        return self.worst.events <= events and self.worst.workflow_tasks <= tasks


class ModeCost(NamedTuple):
    """The cost of orders in one mode.

    Attributes:
        mode: The mode.
        kinds: The figures for each kind of source.
        lag: Time from a change at Orchestra until a snapshot shows it; None if no webhook came.
        failed: Orders that did not complete; they are in none of the figures.
    """

    mode: WebhookMode
    kinds: list[KindCost]
    lag: Spread | None
    failed: list[OrderRun]


async def measure_cost(bench: Workbench, mode: WebhookMode, orders: int) -> ModeCost:
    """Run that many orders of each kind to their end, and read the cost of each."""
    queue = [(number, piece) for number in range(orders) for piece in SHOWPIECES]
    runs = [
        _run_after(position * _STAGGER, bench, piece, f"bench-{mode.name}-{piece.name}-{number}", mode.script)
        for position, (number, piece) in enumerate(queue)
    ]
    return await _mode_cost(bench, mode, await asyncio.gather(*runs))


async def _run_after(pause: float, bench: Workbench, piece: Showpiece, reference: str, script: OrderScript) -> OrderRun:
    await asyncio.sleep(pause)
    return await run_order(bench, piece, reference, script)


async def _mode_cost(bench: Workbench, mode: WebhookMode, runs: Iterable[OrderRun]) -> ModeCost:
    completed: dict[str, list[tuple[OrderRun, HistoryFigures]]] = {}
    failed = []
    for run in runs:
        if run.error:
            failed.append(run)
            continue
        handle = bench.temporal.get_workflow_handle(order_workflow_id("default", run.reference))
        completed.setdefault(run.kind, []).append((run, await read_history(handle)))
    kinds = [_kind_cost(mode, kind, orders) for kind, orders in completed.items()]
    lags = [lag for orders in completed.values() for _, history in orders for lag in history.lags]
    return ModeCost(mode, kinds, Spread.of_seconds(lags), failed)


def _kind_cost(mode: WebhookMode, kind: str, orders: list[tuple[OrderRun, HistoryFigures]]) -> KindCost:
    columns = list(zip(*(history.cost for _, history in orders), strict=True))
    return KindCost(
        mode=mode.name,
        kind=kind,
        orders=len(orders),
        median=HistoryCost(*(plain(median(column)) for column in columns)),
        worst=HistoryCost(*(max(column) for column in columns)),
        order_seconds=round(median(run.seconds for run, _ in orders), 2),
    )
