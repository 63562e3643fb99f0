"""Attention that is raised or resolved after an order's end is an event, and the order's row shows it."""

from datetime import UTC, datetime

from baton.orders.after_close import raise_after_close
from baton.orders.answers import Placement
from baton.orders.rules.attention import attention_of
from tests.end_to_end.world import World
from tests.eventually import eventually

RAISED, CLEARED, CLOSED = "order.attention_raised", "order.attention_cleared", "order.closed"


async def until_events_end(world: World, placed: Placement, *types: str) -> None:
    async def newest() -> list[str]:
        return [event.type for event in await world.ledger.events.of_order(placed.workflow_id)]

    await eventually(newest, lambda found: tuple(found[-len(types) :]) == types)


async def attention_in_ledger(world: World, placed: Placement) -> tuple[str | None, list[object]]:
    row = await world.ledger.order(placed.workflow_id)
    assert row is not None
    return row.attention, row.snapshot["attentions"]


async def raise_late(world: World, placed: Placement) -> None:
    attention = attention_of("late_deposit", "0xaa came", datetime.now(UTC))
    await raise_after_close(world.environment.client, placed.workflow_id, attention)


async def test_attention_after_the_end_is_an_event_each_time_it_is_raised(world: World) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)

    await raise_late(world, placed)
    await until_events_end(world, placed, CLOSED, RAISED)
    assert (await attention_in_ledger(world, placed))[0] == "late_deposit"

    await world.baton.resolve(placed.reference, note="returned")
    await until_events_end(world, placed, CLOSED, RAISED, CLEARED)
    assert await attention_in_ledger(world, placed) == (None, [])

    await raise_late(world, placed)
    await until_events_end(world, placed, CLOSED, RAISED, CLEARED, RAISED)
    events = await world.ledger.events.of_order(placed.workflow_id)
    assert [each["reason"] for each in events[-1].data["attentions"]] == ["late_deposit"]


async def test_attention_of_the_order_itself_is_cleared_after_its_end(world: World) -> None:
    placed = await world.place(scenario="refund_without_tx")
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)

    await world.baton.resolve(placed.reference, note="paid out, 0xrefund")

    await until_events_end(world, placed, CLEARED)
    types = [event.type for event in await world.ledger.events.of_order(placed.workflow_id)]
    assert types.count(RAISED) == types.count(CLEARED) == 1
    assert await attention_in_ledger(world, placed) == (None, [])
