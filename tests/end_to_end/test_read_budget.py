"""One attempt of a read makes one call, so that the poll queue's rate is the account's read budget."""

from datetime import UTC, datetime, timedelta

from temporalio.api.history.v1 import HistoryEvent

from baton.orders.answers import Placement
from baton.orders.messages import READ_ORDER
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.replay.runs import runs_of

QUOTES = 11


async def requoted(world: World) -> Placement:
    """Return an order with eleven quotes, each requested when the one before expired."""
    placed = await world.place(scenario="stepped", policy={"onQuoteExpiry": "requote", "maxRequotes": QUOTES - 1})
    passed = timedelta()
    for known in range(1, QUOTES):
        await world.sandbox.advance_clock(125)
        passed += await _pass_expiry(world, placed, passed)
        await eventually(lambda: _quotes(world, placed), lambda count, known=known: count > known)
    return placed


async def _pass_expiry(world: World, placed: Placement, passed: timedelta) -> timedelta:
    """Move the order's clock past its newest quote's expiry; return by how much."""
    expires_at = (await world.snapshot(placed)).expires_at
    assert expires_at is not None
    left = expires_at - datetime.now(UTC) - passed + timedelta(seconds=2)
    await world.advance(placed, seconds=left.total_seconds())
    return left


async def _quotes(world: World, placed: Placement) -> int:
    return len((await world.snapshot(placed)).quotes)


async def lookups(world: World, placed: Placement) -> int:
    """Return how many calls looked for an order of one of these quotes, or read it."""
    snapshot = await world.snapshot(placed)
    names = {quote.quote_id for quote in snapshot.quotes} | {snapshot.order_id}
    calls = [*await world.sandbox.requests("order"), *await world.sandbox.requests("status")]
    return sum(any(name and name in str(call) for name in names) for call in calls)


async def attempts_of_last_read(world: World, placed: Placement) -> int:
    """Return how many attempts Temporal made of the order's last finished read."""
    events = [event for run in await runs_of(world, placed) for event in run.events]
    reads = {event.event_id for event in events if _name(event) == READ_ORDER}
    started = [event.activity_task_started_event_attributes for event in events]
    return [begun.attempt for begun in started if begun.scheduled_event_id in reads][-1]


def _name(event: HistoryEvent) -> str:
    return event.activity_task_scheduled_event_attributes.activity_type.name


async def test_eleven_quotes_are_looked_up_by_eleven_attempts(world: World) -> None:
    placed = await requoted(world)
    before = await lookups(world, placed)

    await world.baton.refresh(placed.reference)

    made = await lookups(world, placed) - before
    assert made == QUOTES
    assert await attempts_of_last_read(world, placed) == made


async def test_an_order_of_an_old_quote_is_found_and_read_in_one_call_more(world: World) -> None:
    placed = await requoted(world)
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await world.deposit(placed, detect=True)
    before = await lookups(world, placed)

    standing = await world.baton.refresh(placed.reference)

    assert standing.order_id is not None
    made = await lookups(world, placed) - before
    assert made == QUOTES + 1
    assert await attempts_of_last_read(world, placed) == made
