"""An operator resolves an attention; the order continues, or closes with the outcome that the operator gives."""

import pytest

from baton.errors import OrderRefused
from baton.gateway.ops.fitting import money_ids
from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome
from tests.end_to_end.world import World
from tests.eventually import eventually


async def troubled(world: World) -> Placement:
    """Return a running order with an attention."""
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    await world.until(placed, status="processing")
    await world.advance(placed, hours=2)
    await attentive(world, placed, expected=True)
    return placed


async def attentive(world: World, placed: Placement, *, expected: bool) -> Snapshot:
    return await eventually(
        lambda: world.snapshot(placed), lambda snapshot: (snapshot.attention is not None) is expected
    )


async def test_a_resolved_attention_is_cleared_and_kept_in_the_record(world: World) -> None:
    placed = await troubled(world)

    standing = await world.baton.resolve(placed.reference, note="asked Orchestra, it is on its way")

    assert standing.attention is None
    snapshot = await world.snapshot(placed)
    (resolved,) = snapshot.resolutions
    assert (resolved.reason, resolved.note) == ("overdue", "asked Orchestra, it is on its way")
    assert (snapshot.status, snapshot.outcome) == ("processing", None)


async def test_an_operator_closes_an_order_with_its_outcome(world: World) -> None:
    placed = await troubled(world)
    order_id = str((await world.snapshot(placed)).order_id)

    with pytest.raises(OrderRefused, match=f"money is under way: the order {order_id}") as refused:
        await world.baton.resolve(placed.reference, note="paid out by hand", close_as=Outcome.REFUNDED)
    known = money_ids(await world.snapshot(placed))
    await world.baton.resolve(placed.reference, note="paid out by hand", close_as=Outcome.REFUNDED, despite=known)

    assert refused.value.code == "money_under_way"

    result = await world.baton.wait(placed.reference)
    assert (result.outcome, result.reason.code if result.reason else None) == (Outcome.REFUNDED, "resolved_by_operator")
    assert (await world.snapshot(placed)).reason.message == "paid out by hand"


async def test_an_order_whose_submit_keeps_failing_can_be_closed_by_hand(world: World) -> None:
    placed = await world.place()
    await world.sandbox.fault("submit", "error", quoteId=placed.quote_id, status=404, code="tx_not_found", times=500)
    await world.deposit_and_report(placed)
    await world.advance(placed, minutes=20)
    await attentive(world, placed, expected=True)

    known = money_ids(await world.snapshot(placed))
    await world.baton.resolve(placed.reference, note="there is no such deposit", close_as=Outcome.FAILED, despite=known)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.FAILED


async def test_attention_can_be_resolved_after_the_orders_end(world: World) -> None:
    placed = await world.place(scenario="refund_without_tx")
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    left_open = await world.snapshot(placed)
    assert [attention.reason for attention in left_open.attentions] == ["refund_without_transaction"]

    with pytest.raises(OrderRefused, match="has ended as refunded, and cannot end as completed"):
        await world.baton.resolve(placed.reference, note="delivered after all", close_as=Outcome.COMPLETED)

    standing = await world.baton.resolve(placed.reference, note="paid out, 0xrefund")

    assert (standing.outcome, standing.attentions) == (Outcome.REFUNDED, [])
    resolved = await world.snapshot(placed)
    assert (resolved.attention, [done.note for done in resolved.resolutions]) == (None, ["paid out, 0xrefund"])
    with pytest.raises(OrderRefused, match="needs no attention"):
        await world.baton.resolve(placed.reference, note="once more")


async def test_an_order_without_attention_cannot_be_resolved(world: World) -> None:
    placed = await world.place()

    with pytest.raises(OrderRefused, match="needs no attention"):
        await world.baton.resolve(placed.reference, note="just so", close_as=Outcome.FAILED)

    assert (await world.snapshot(placed)).outcome is None
