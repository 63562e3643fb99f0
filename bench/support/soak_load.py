"""Orders at a steady pace on a fleet, and what its processes, the feed and an endpoint do meanwhile."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from baton.ledger.errors import LedgerUnavailable
from baton.ledger.ledger import Ledger
from baton.local.stack.showcase import SHOWPIECES
from bench.fleet import Fleet
from bench.support.endpoint_fleet import EndpointFleet
from bench.support.orders import OrderRun, run_order
from bench.support.pace import paced
from bench.support.soak_rules import Point

TRIAL_RATE = 1.5
"""Orders a second in the stage that finds the capacity: so few that none waits for another."""

_WARM_UP = 12.0
"""Seconds until the first orders of that stage have ended: an order lives about ten."""

_READ_SECONDS = 1.0
_PAGE = 500
_PROGRESS = 30.0
"""Seconds between two lines of progress."""


@dataclass
class SoakRecord:
    """What was seen while the load ran; times are seconds since it began.

    Attributes:
        memory: Bytes of each process.
        overdue: How long the oldest order had been under way.
        runs: The orders that ended, in the order in which they started.
        began_at: When the load began, by the wall clock.
        length: Seconds until the last order of the load had started.
    """

    memory: dict[str, list[Point]] = field(default_factory=dict)
    overdue: list[Point] = field(default_factory=list)
    runs: list[OrderRun] = field(default_factory=list)
    began_at: float = 0.0
    length: float = 0.0


class FeedReader:
    """Reads the feed of events from its beginning, page by page, as an app does.

    Attributes:
        read: The ids of the events that it got.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._cursor = 0
        self.read: list[str] = []

    async def follow(self) -> None:
        """Read until cancelled; what a slow ledger does not answer is asked again."""
        while True:
            with suppress(LedgerUnavailable):
                await self.catch_up()
            await asyncio.sleep(_READ_SECONDS)

    async def catch_up(self) -> None:
        """Read what is new."""
        while events := await self._ledger.events.after(self._cursor, _PAGE):
            self.read += [event.id for event in events]
            self._cursor = events[-1].seq or self._cursor


class SoakLoad:
    """The orders of a soak.

    Args:
        fleet: The fleet.
        endpoints: What gets its notifications.
        say: Called with a few words on progress.

    Attributes:
        placed: The references of all orders so far.
    """

    def __init__(self, fleet: Fleet, endpoints: EndpointFleet, say: Callable[[str], None]) -> None:
        self._fleet, self._endpoints, self._say = fleet, endpoints, say
        self._started: dict[str, float] = {}
        self.placed: list[str] = []
        self.failed: list[OrderRun] = []

    async def capacity(self, seconds: float) -> float:
        """Return how many orders a second would keep all cores busy, by the CPU that a slow pace takes for that time.

        A crowd that orders as fast as it can would seem to get further: notifications and rows pile up behind its
        orders, and many changes share a task, which they don't at a steady pace.
        """

        async def run(number: int) -> OrderRun:
            return await self._run(f"soak-trial-{number}", number)

        count = round(TRIAL_RATE * (_WARM_UP + seconds))
        ordering = asyncio.create_task(paced(run, count=count, rate=TRIAL_RATE))
        await asyncio.wait([ordering], timeout=_WARM_UP)
        before, began = self._cpu_seconds(), time.monotonic()
        await asyncio.wait([ordering], timeout=seconds)
        busy = (self._cpu_seconds() - before) / (time.monotonic() - began)
        await ordering
        return TRIAL_RATE * (os.cpu_count() or 1) / busy

    def _cpu_seconds(self) -> float:
        """Return what all processes of the fleet and this one have used."""
        return time.process_time() + sum(usage.cpu_seconds for usage in self._fleet.usage().values())

    async def run(self, *, rate: float, seconds: float, every: float) -> SoakRecord:
        """Start orders for that long and wait until they have ended, with a sample of everything now and then."""
        record = SoakRecord(began_at=time.time(), length=seconds)
        began = time.monotonic()

        async def run(number: int) -> OrderRun:
            return await self._run(f"soak-{number}", number)

        watching = asyncio.create_task(self._watch(record, began, every))
        try:
            record.runs = await paced(run, count=round(rate * seconds), rate=rate)
        finally:
            await _stopped(watching)
        return record

    async def _run(self, reference: str, number: int) -> OrderRun:
        self.placed.append(reference)
        self._started[reference] = time.monotonic()
        run = await run_order(self._fleet, SHOWPIECES[number % len(SHOWPIECES)], reference)
        del self._started[reference]
        if run.error:
            self.failed.append(run)
        return run

    async def _watch(self, record: SoakRecord, began: float, every: float) -> None:
        said = 0.0
        while True:
            at = time.monotonic() - began
            for name, usage in self._fleet.usage().items():
                record.memory.setdefault(name, []).append(Point(at, usage.private))
            oldest = max((time.monotonic() - start for start in self._started.values()), default=0.0)
            record.overdue.append(Point(at, oldest))
            if at >= said + _PROGRESS or not said:
                said = at or 0.001
                self._say(self._progress(record, at))
            await asyncio.sleep(every)

    def _progress(self, record: SoakRecord, at: float) -> str:
        memory = ", ".join(f"{name} {points[-1].value / 1e6:.0f} MB" for name, points in record.memory.items())
        return (
            f"{at:.0f} of {record.length:.0f} s: {len(self.placed)} orders placed, {len(self._started)} under way, "
            f"{len(self.failed)} failed, {len(self._endpoints.times)} notifications; {memory}"
        )


async def _stopped(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def following(reader: FeedReader, work: Coroutine[Any, Any, None]) -> None:
    """Do some work while the feed is read."""
    reading = asyncio.create_task(reader.follow())
    try:
        await work
    finally:
        await _stopped(reading)
