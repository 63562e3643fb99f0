"""The feed has one event for each change that was committed, also after a reset, a reuse and the loss of the ledger."""

from pathlib import Path

from baton.ledger.ledger import Ledger
from baton.ledger.rows import EventRow
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.recovery.order_reader import OrderReader
from baton.recovery.order_rows import restored_order
from tests.end_to_end.test_resets import reset_to_task, row_of
from tests.end_to_end.world import World
from tests.eventually import eventually


async def events(world: World, placed: Placement) -> list[EventRow]:
    return await world.ledger.events.of_order(placed.workflow_id)


async def types(world: World, placed: Placement) -> list[str]:
    return [event.type for event in await events(world, placed)]


async def expected(world: World, placed: Placement) -> list[str]:
    """Return the types that the committed transitions give."""
    return ["order.placed", *(f"order.{status}" for status in await world.statuses(placed)), "order.closed"]


async def test_a_completed_orders_events_equal_its_transitions(world: World) -> None:
    placed = await world.place()
    await world.deposit_and_report(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    found = await events(world, placed)
    assert sorted(await types(world, placed)) == sorted(await expected(world, placed))
    assert [event.position for event in found if event.position is not None] == list(range(len(found) - 2))
    assert found[-1].data["outcome"] == "completed"


async def test_the_feed_that_is_made_again_has_the_same_ids(world: World, tmp_path: Path) -> None:
    placed, waiting = await world.place(), await world.place()
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    await eventually(lambda: events(world, waiting))
    reader = OrderReader(world.environment.client)
    async with await Ledger.open(f"sqlite:///{tmp_path / 'again.db'}") as again:
        for each in (placed, waiting):
            reading = await reader.read(each.workflow_id)
            assert reading is not None
            await again.restoration.restore(restored_order(reading, []))
            made = {event.id for event in await again.events.of_order(each.workflow_id)}
            assert made == {event.id for event in await events(world, each)}


async def test_an_order_that_was_reset_has_no_event_twice_and_lacks_none(world: World) -> None:
    placed = await world.place(scenario="stepped")
    for number in range(4):
        await world.handle(placed).signal("observe", [f"junk {number}"])
        await eventually(lambda: row_of(world, placed), lambda row, least=number: row.revision > least + 1)
    await reset_to_task(world, placed.workflow_id, 2)
    await world.deposit_and_report(placed)
    await world.until(placed, status="processing")
    for _ in range(4):
        await world.sandbox.advance((await world.snapshot(placed)).order_id)
    await world.baton.wait(placed.reference)
    assert sorted(await types(world, placed)) == sorted(await expected(world, placed))


async def test_a_reference_used_again_gets_events_of_its_own(world: World) -> None:
    document = world.document(amount="1")
    refused = await world.refused(document)
    first = await events(world, refused)
    placed = await world.baton.place({**document, "amount": "100000000"})
    await eventually(lambda: types(world, placed), lambda found: "order.placed" in found)
    assert [event.type for event in first] == ["order.closed"]
    assert await types(world, placed) == ["order.closed", "order.placed"]


async def test_a_terminated_orders_event_says_that_it_was_stopped(world: World) -> None:
    placed = await world.place()
    await eventually(lambda: events(world, placed))
    await world.handle(placed).terminate("a test")
    reading = await OrderReader(world.environment.client).read(placed.workflow_id)
    assert reading is not None
    for _ in range(2):
        await world.ledger.restoration.restore(restored_order(reading, []))
    assert await types(world, placed) == ["order.placed", "order.stopped"]
