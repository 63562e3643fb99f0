"""`baton resolve`: what an operator did, on the record, and an order ended by hand."""

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.cli.command import Baton
from tests.end_to_end.world import World
from tests.eventually import eventually


async def attended(world: World) -> Placement:
    """Return an order that a person must look at: two different deposits were reported."""
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    await world.until(placed, phase="tracking")
    await world.deposit_and_report(placed)
    await eventually(lambda: world.snapshot(placed), lambda order: order.attention is not None)
    return placed


async def test_a_resolved_attention_is_gone_and_what_was_done_stands_in_the_record(world: World, baton: Baton) -> None:
    placed = await attended(world)

    resolved = await baton("resolve", placed.reference, "--note", " sent the second one back ", "--json")

    seen = await eventually(lambda: world.snapshot(placed), lambda order: bool(order.resolutions))
    assert resolved.code == 0
    assert (seen.attention, seen.outcome) == (None, None)
    assert seen.resolutions[0].note == "sent the second one back"
    assert "sent the second one back\n" in (await baton("show", placed.reference)).out


async def test_an_order_is_ended_as_the_operator_knows_it_ended(world: World, baton: Baton) -> None:
    placed = await attended(world)

    resolved = await baton("resolve", placed.reference, "--note", "paid out by hand", "--close-as", "completed")

    assert resolved.code == 0
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_where_nobody_must_look_there_is_nothing_to_resolve(world: World, baton: Baton) -> None:
    placed = await world.place()

    refused = await baton("resolve", placed.reference, "--note", "nothing", "--json")

    assert (refused.code, refused.error["code"]) == (1, "nothing_to_resolve")


async def test_an_order_that_is_not_there_cannot_be_resolved(baton: Baton) -> None:
    assert (await baton("resolve", "no-such-order", "--note", "x", "--json")).error["code"] == "order_unknown"


async def test_a_note_is_needed_and_bounded_and_an_end_is_one_that_there_is(alone: Baton) -> None:
    for options, complaint in (
        ([], "Missing option '--note'"),
        (["--note", " "], "--note: write 1 to 1000 characters"),
        (["--note", "x" * 1001], "--note: write 1 to 1000 characters"),
        (["--note", "x", "--close-as", "lost"], "Invalid value for '--close-as'"),
    ):
        asked = await alone("resolve", "invoice-42", *options)
        assert asked.code == 2
        assert asked.err.startswith(f"error: {complaint}")
