"""`baton resolve`: a note about an attention, and an order closed by hand."""

from baton.gateway.ops.fitting import money_ids
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.cli.command import Baton
from tests.end_to_end.world import World
from tests.eventually import eventually


async def order_with_attention(world: World) -> Placement:
    """Return an order with attention: two different deposits were reported."""
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    await world.until(placed, phase="tracking")
    await world.deposit_and_report(placed)
    await eventually(lambda: world.snapshot(placed), lambda order: order.attention is not None)
    return placed


async def test_resolving_clears_the_attention_and_records_the_note(world: World, baton: Baton) -> None:
    placed = await order_with_attention(world)

    resolved = await baton("resolve", placed.reference, "--note", " sent the second one back ", "--json")

    order = await eventually(lambda: world.snapshot(placed), lambda order: bool(order.resolutions))
    assert resolved.code == 0
    assert (order.attention, order.outcome) == (None, None)
    assert order.resolutions[0].note == "sent the second one back"
    assert "sent the second one back\n" in (await baton("show", placed.reference)).out


async def test_close_as_closes_the_order_with_the_given_outcome(world: World, baton: Baton) -> None:
    placed = await order_with_attention(world)

    closing = ("resolve", placed.reference, "--note", "paid out by hand", "--close-as", "completed")
    refused = await baton(*closing)
    known = money_ids(await world.snapshot(placed))
    resolved = await baton(*closing, *(word for name in known for word in ("--despite", name)))

    assert (refused.code, resolved.code) == (1, 0)
    assert "money is under way" in refused.err
    assert all(name in refused.err for name in known)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_resolving_without_attention_is_refused(world: World, baton: Baton) -> None:
    placed = await world.place()

    refused = await baton("resolve", placed.reference, "--note", "nothing", "--json")

    assert (refused.code, refused.error["code"]) == (1, "nothing_to_resolve")


async def test_resolving_an_unknown_order_is_refused(baton: Baton) -> None:
    assert (await baton("resolve", "no-such-order", "--note", "x", "--json")).error["code"] == "order_unknown"


async def test_a_missing_or_long_note_or_unknown_outcome_is_wrong_usage(alone: Baton) -> None:
    for options, complaint in (
        ([], "Missing option '--note'"),
        (["--note", " "], "--note: write 1 to 1000 characters"),
        (["--note", "x" * 1001], "--note: write 1 to 1000 characters"),
        (["--note", "x", "--close-as", "lost"], "Invalid value for '--close-as'"),
    ):
        answer = await alone("resolve", "invoice-42", *options)
        assert answer.code == 2
        assert answer.err.startswith(f"error: {complaint}")
