"""What one order costs in Temporal, for each kind of source, by how its webhooks come."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from baton.local.stack.showcase import SHOWPIECES, Showpiece
from baton.orders.names import order_workflow_id
from bench.support.figures import Spread, plain
from bench.support.history import Cost, Story, read_story
from bench.support.orders import Lead, Lived, live
from bench.support.workbench import Workbench

MOST_EVENTS, MOST_WORKFLOW_TASKS = 40, 7
"""The design's ceiling for an order that goes well."""

_STAGGER = 0.25
"""Seconds between the starts of two orders, so that none waits for another."""


@dataclass(frozen=True)
class Mode:
    """One way in which webhooks come.

    Attributes:
        name: The way, in a word or two.
        explain: The way, in a sentence.
        lead: How the orders are led.
    """

    name: str
    explain: str
    lead: Lead


BURST = Mode("burst", "statuses 0.1 s apart, default coalescing window", Lead())
SPACED = Mode("spaced", "statuses 1.5 s apart, wider than the coalescing window", Lead("stepped", gap=1.5))
UNCOALESCED = Mode("uncoalesced", "statuses 0.1 s apart, BATON_WEBHOOK_COALESCE=0", Lead())
SILENT = Mode("silent", "no webhook at all: our own read finds the end after 45 to 60 s", Lead("no_webhooks"))


class KindCost(NamedTuple):
    """What orders from one kind of source cost in one mode: medians, and the costliest of them."""

    mode: str
    kind: str
    orders: int
    median: Cost
    worst: Cost
    order_seconds: float

    @property
    def within_ceiling(self) -> bool:
        """Tell whether even the costliest order stayed below the design's ceiling."""
        return self.worst.events <= MOST_EVENTS and self.worst.workflow_tasks <= MOST_WORKFLOW_TASKS


class ModeCost(NamedTuple):
    """What orders cost in one mode.

    Attributes:
        mode: The mode.
        kinds: The figures for each kind of source.
        lag: From a change at Orchestra until a snapshot shows what its webhook told; None where no webhook came.
        failed: Orders that did not complete; they are in no figure.
    """

    mode: Mode
    kinds: list[KindCost]
    lag: Spread | None
    failed: list[Lived]


async def measure_cost(bench: Workbench, mode: Mode, orders: int) -> ModeCost:
    """Lead that many orders of each kind to their end, and read what each of them cost."""
    line = [(number, piece) for number in range(orders) for piece in SHOWPIECES]
    living = [
        _live_after(ahead * _STAGGER, bench, piece, f"bench-{mode.name}-{piece.name}-{number}", mode.lead)
        for ahead, (number, piece) in enumerate(line)
    ]
    return await _reckon(bench, mode, await asyncio.gather(*living))


async def _live_after(pause: float, bench: Workbench, piece: Showpiece, reference: str, lead: Lead) -> Lived:
    await asyncio.sleep(pause)
    return await live(bench, piece, reference, lead)


async def _reckon(bench: Workbench, mode: Mode, lived: Iterable[Lived]) -> ModeCost:
    stories: dict[str, list[tuple[Lived, Story]]] = {}
    failed = []
    for one in lived:
        if one.error:
            failed.append(one)
            continue
        handle = bench.temporal.get_workflow_handle(order_workflow_id("default", one.reference))
        stories.setdefault(one.kind, []).append((one, await read_story(handle)))
    kinds = [_kind_cost(mode, kind, told) for kind, told in stories.items()]
    lags = [lag for told in stories.values() for _, story in told for lag in story.lags]
    return ModeCost(mode, kinds, Spread.of_seconds(lags), failed)


def _kind_cost(mode: Mode, kind: str, told: list[tuple[Lived, Story]]) -> KindCost:
    columns = list(zip(*(story.cost for _, story in told), strict=True))
    return KindCost(
        mode=mode.name,
        kind=kind,
        orders=len(told),
        median=Cost(*(plain(median(column)) for column in columns)),
        worst=Cost(*(max(column) for column in columns)),
        order_seconds=round(median(one.seconds for one, _ in told), 2),
    )
