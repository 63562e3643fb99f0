"""More waiting orders than an account's read budget serves: who is read how often, at a multiple of the real pace."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from baton.orchestra.lifecycle import Status
from baton.orders.answers import Placement
from baton.orders.rules import wait_plans
from baton.orders.rules.wait_plans import WaitPlan
from bench.support.figures import Spread
from bench.support.pace import at_once
from tests.end_to_end.world import World

_READS = ("order", "status")
"""Calls of the partner API that ask how an order stands."""

_QUESTION_PAUSE = 1.0
"""Seconds between two `refresh` updates."""


class ClassReads(NamedTuple):
    """The reads of the orders of one class.

    Attributes:
        name: What they wait for.
        urgency: The priority of their polls, 1 (most urgent) to 5.
        orders: How many there are.
        reads: How many reads they got.
        oldest: Seconds since the last read of the order that was read longest ago, at the end; at the real pace.
    """

    name: str
    urgency: int
    orders: int
    reads: int
    oldest: float


class BudgetFigures(NamedTuple):
    """What the account's reads were spent on.

    Attributes:
        speed: How many times faster than in reality it ran.
        minutes: How long it ran, at the real pace.
        budget: Reads that the account may make a minute.
        busiest: Reads in the busiest minute.
        reads: All reads, those for people included.
        classes: The orders by class, the most urgent first.
        refresh: How long people waited for the answer to `refresh`, in real time.
    """

    speed: float
    minutes: float
    budget: float
    busiest: int
    reads: int
    classes: list[ClassReads]
    refresh: Spread | None


@contextmanager
def faster_plans(speed: float) -> Iterator[None]:
    """Shorten each silence and each pause of the wait plans, for workflows of this process."""
    awaiting, tracking = wait_plans.AWAITING_DEPOSIT, dict(wait_plans.TRACKING)
    wait_plans.AWAITING_DEPOSIT = _faster(awaiting, speed)
    wait_plans.TRACKING.update({status: _faster(plan, speed) for status, plan in tracking.items()})
    try:
        yield
    finally:
        wait_plans.AWAITING_DEPOSIT = awaiting
        wait_plans.TRACKING.update(tracking)


def _faster(plan: WaitPlan, speed: float) -> WaitPlan:
    pauses = {"first": plan.cadence.first / speed, "longest": plan.cadence.longest / speed}
    return replace(plan, silence=plan.silence / speed, cadence=plan.cadence.model_copy(update=pauses))


@dataclass
class BudgetRun:
    """Orders of two classes on one account: some are being processed, most wait for their deposits.

    Attributes:
        world: All of Baton, with wait plans `speed` times as fast as in reality.
        speed: How many times faster than in reality it runs.
    """

    world: World
    speed: float
    _classes: dict[str, str] = field(default_factory=dict)
    """The class of each order, by the id that its reads name."""
    _reads: dict[int, tuple[float, str]] = field(default_factory=dict)
    """When each read was made, and of which order; by the number of the call."""

    async def measure(self, waiting: int, processing: int, minutes: float) -> BudgetFigures:
        """Open the orders, let their polls run for so many minutes of the real pace, and count the reads."""
        references = await self._open(waiting, processing)
        began = time.time()
        end = began + minutes * 60 / self.speed
        questions: list[float] = []
        while time.time() < end:
            questions.append(await self._refresh(references[len(questions) % len(references)]))
            await asyncio.gather(self._collect(), asyncio.sleep(_QUESTION_PAUSE))
        await self._collect()
        return self._figures(began, time.time(), Spread.of_seconds(questions))

    async def _open(self, waiting: int, processing: int) -> list[str]:
        await at_once([self._open_paid] * processing)
        return await at_once([self._open_waiting] * waiting)

    async def _open_paid(self) -> None:
        placed = await self._place()
        await self.world.deposit_and_report(placed)
        self._classes[str((await self.world.until(placed, status="processing")).order_id)] = _PROCESSING

    async def _open_waiting(self) -> str:
        placed = await self._place()
        self._classes[str(placed.quote_id)] = _WAITING
        return placed.reference

    async def _place(self) -> Placement:
        return await self.world.place(scenario="stepped", policy={"depositWindow": 86_400})

    async def _refresh(self, reference: str) -> float:
        began = time.monotonic()
        await self.world.baton.refresh(reference)
        return time.monotonic() - began

    async def _collect(self) -> None:
        for kind in _READS:
            for call in await self.world.sandbox.requests(kind):
                name = next((value for value in _values(call) if value in self._classes), "")
                self._reads.setdefault(call["id"], (datetime.fromisoformat(call["at"]).timestamp(), name))

    def _figures(self, began: float, ended: float, refresh: Spread | None) -> BudgetFigures:
        reads = sorted(read for read in self._reads.values() if read[0] >= began)
        budget = self.world.account.reads_per_second / self.speed * 60
        minutes = (ended - began) * self.speed / 60
        busiest = most_within([moment for moment, _ in reads], 60 / self.speed)
        classes = [self._class(name, reads, began, ended) for name in (_PROCESSING, _WAITING)]
        return BudgetFigures(self.speed, round(minutes, 1), round(budget, 1), busiest, len(reads), classes, refresh)

    def _class(self, name: str, reads: list[tuple[float, str]], began: float, ended: float) -> ClassReads:
        orders = [order for order, known in self._classes.items() if known == name]
        last = dict.fromkeys(orders, began) | {order: at for at, order in reads if self._classes.get(order) == name}
        count = sum(self._classes.get(order) == name for _, order in reads)
        oldest = (ended - min(last.values())) * self.speed
        return ClassReads(name, _URGENCY[name], len(orders), count, round(oldest, 1))


_PROCESSING, _WAITING = "Orchestra to start processing", "a deposit"
_URGENCY: Mapping[str, int] = {
    _PROCESSING: wait_plans.TRACKING[Status.PROCESSING].urgency,
    _WAITING: wait_plans.AWAITING_DEPOSIT.urgency,
}


def _values(call: dict[str, Any]) -> list[str]:
    return [*call["query"].values(), call["path"].rsplit("/", 1)[-1]]


def most_within(moments: list[float], seconds: float) -> int:
    """Return how many of these moments, which are in order, lie within the busiest stretch of that length."""
    most = first = 0
    for number, moment in enumerate(moments):
        while moment - moments[first] >= seconds:
            first += 1
        most = max(most, number - first + 1)
    return most
