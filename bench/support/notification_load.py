"""Orders whose events are notified to many endpoints, and how long the good ones wait beside bad ones.

The orders are rows with their events, written into the ledger as a worker writes them; no order workflow runs.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple

from baton.ledger.ledger import Ledger
from baton.ledger.rows import EventRow, OrderRow
from baton.orders.events import event_id
from bench.support.endpoint_fleet import DEAD, HALF, SLOW, EndpointFleet
from bench.support.figures import Spread
from bench.support.pace import paced

STEPS = (
    ("placed",),
    ("placed", "processing", "confirming"),
    ("placed", "processing", "confirming", "swapping"),
    ("placed", "processing", "confirming", "swapping", "completed", "closed"),
)
"""The events of an order after each write of its row."""

STEP_SECONDS = 0.5
"""Seconds between two writes of an order."""

_PATIENCE = 120.0


class NotificationFigures(NamedTuple):
    """What the endpoints got.

    Attributes:
        rate: Orders started in a second.
        orders: How many there were.
        good: How many good endpoints.
        waited: Time from the commit of an event until the good endpoint got it.
        good_missing: Events that a good endpoint did not get.
        good_unordered: Orders of which it got events in another order.
        dead_missing: Events that the dead endpoint did not get after it was back.
        dead_unordered: Orders of which it got them in another order, repeats left out.
        dead_repeats: Events that it got more than once.
        back_seconds: Time from its return until it had everything.
        slow_got: Events that the slow endpoint had accepted by the end of the load.
        half_got: Events that the half-failing one had accepted by then.
        events: How many events there were.
    """

    rate: float
    orders: int
    good: int
    waited: Spread
    good_missing: int
    good_unordered: int
    dead_missing: int
    dead_unordered: int
    dead_repeats: int
    back_seconds: float
    slow_got: int
    half_got: int
    events: int


class OrderFeed:
    """Writes orders with events into a ledger.

    Attributes:
        committed: When each event was committed, on the monotonic clock.
        orders: The ids of each order's events, in order.
    """

    def __init__(self, ledger: Ledger, accounts: int) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self.committed: dict[str, float] = {}
        self.orders: dict[str, list[str]] = {}

    async def __call__(self, number: int) -> None:
        """Write one order, step by step."""
        opened = datetime.now(UTC)
        for revision, names in enumerate(STEPS, 1):
            await self._write(number, revision, names, opened)
            await asyncio.sleep(STEP_SECONDS)

    async def _write(self, number: int, revision: int, names: tuple[str, ...], opened: datetime) -> None:
        account, reference = f"account-{number % self._accounts}", f"bench-{number}"
        workflow_id, now = f"order/{account}/{reference}", datetime.now(UTC)
        row = OrderRow(
            workflow_id=workflow_id,
            account=account,
            reference=reference,
            phase="tracking",
            created_at=opened,
            updated_at=now,
            revision=revision,
        )
        events = [
            EventRow(
                id=event_id(workflow_id, opened, name, ""),
                workflow_id=workflow_id,
                account=account,
                reference=reference,
                type=f"order.{name}",
                occurred_at=now,
                data={"status": name},
            )
            for name in names
        ]
        await self._ledger.write_order(row, [], events=events)
        done = time.monotonic()
        self.orders[workflow_id] = [event.id for event in events]
        for event in events:
            self.committed.setdefault(event.id, done)


async def until(condition: Callable[[], Awaitable[bool]], patience: float = _PATIENCE) -> None:
    """Wait until a condition holds, or the patience in seconds is over: then the figures say what is missing."""
    deadline = time.monotonic() + patience
    while not await condition():
        if time.monotonic() > deadline:
            return
        await asyncio.sleep(0.05)


async def measure_load(feed: OrderFeed, fleet: EndpointFleet, *, orders: int, rate: float) -> None:
    """Write orders at a steady rate, and wait until the good endpoints have their events."""
    await paced(feed, count=orders, rate=rate)

    async def arrived() -> bool:
        return len(fleet.times) >= len(feed.committed)

    await until(arrived)


async def wait_for_dead(feed: OrderFeed, fleet: EndpointFleet) -> float:
    """Wait until the dead endpoint, which is back, has every event; return the seconds that took."""
    began = time.monotonic()

    async def has_all() -> bool:
        return len(set(fleet.received[DEAD])) >= len(feed.committed)

    await until(has_all)
    return round(time.monotonic() - began, 1)


def figures_of(
    feed: OrderFeed, fleet: EndpointFleet, *, rate: float, good: int, back_seconds: float, got: tuple[int, int]
) -> NotificationFigures:
    """Return what the endpoints got."""
    waited = Spread.of_seconds([at - feed.committed[event] for event, at in fleet.times.items()])
    assert waited is not None
    by_endpoint: defaultdict[str, list[str]] = defaultdict(list)
    for workflow_id, ids in feed.orders.items():
        account = workflow_id.split("/")[1].replace("account", "good")
        by_endpoint[account] += ids
    dead = fleet.received[DEAD]
    return NotificationFigures(
        rate=rate,
        orders=len(feed.orders),
        good=good,
        waited=waited,
        good_missing=len(feed.committed.keys() - fleet.times.keys()),
        good_unordered=sum(_unordered(feed, fleet.received[name], name) for name in by_endpoint),
        dead_missing=len(feed.committed.keys() - set(dead)),
        dead_unordered=_unordered(feed, dead, None),
        dead_repeats=len(dead) - len(set(dead)),
        back_seconds=back_seconds,
        slow_got=got[0],
        half_got=got[1],
        events=len(feed.committed),
    )


def accepted_by_bad(fleet: EndpointFleet) -> tuple[int, int]:
    """Return how many events the slow and the half-failing endpoint have accepted."""
    return len(set(fleet.received[SLOW])), len(set(fleet.received[HALF]))


def _unordered(feed: OrderFeed, received: list[str], endpoint: str | None) -> int:
    """Return of how many orders an endpoint got events in another order, repeats left out."""
    places = {event: place for place, event in reversed(list(enumerate(received)))}
    wrong = 0
    for workflow_id, ids in feed.orders.items():
        if endpoint is None or workflow_id.startswith(f"order/{endpoint.replace('good', 'account')}/"):
            found = [places[event] for event in ids if event in places]
            wrong += found != sorted(found)
    return wrong
