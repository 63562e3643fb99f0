"""The received amount is compared with the agreed one; Orchestra reprices, or refunds if a target is missed."""

import pytest

from baton.orders.models import Outcome
from tests.end_to_end.world import SPARK, World

EXACT_OUT = {
    "sourceChain": "bitcoin",
    "sourceAsset": "BTC",
    "destinationChain": "base",
    "destinationAsset": "USDC",
    "amount": "100000000",
    "amountMode": "exact_out",
    "recipientAddress": "0x1111111111111111111111111111111111111111",
    "refundAddress": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
}


@pytest.mark.parametrize(("paid", "name"), [(90_000_000, "short"), (110_000_000, "over"), (100_000_000, "exact")])
async def test_an_exact_in_order_is_repriced_to_the_received_amount(world: World, paid: int, name: str) -> None:
    placed = await world.place(recipientAddress=SPARK)
    await world.deposit_and_report(placed, amount=paid)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED

    snapshot = await world.snapshot(placed)
    assert snapshot.received is not None
    assert (snapshot.received.name, snapshot.received.received, snapshot.received.least) == (name, paid, 100_000_000)


async def test_the_stages_of_a_read_are_kept(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed, amount=90_000_000)
    snapshot = await world.until(placed, status="processing")
    await world.sandbox.advance(snapshot.order_id or "", "bridging")

    await world.baton.refresh(placed.reference)

    stages = [stage["name"] for stage in (await world.snapshot(placed)).records["stages"]]
    assert stages[:2] == ["deposit_confirmed", "amount_reconciled"]


@pytest.mark.parametrize(("change", "name"), [(-1, "below_required"), (10**6, "above_max")])
async def test_an_exact_out_order_outside_its_bounds_is_refunded_with_a_reason(
    world: World, change: int, name: str
) -> None:
    placed = await world.place(**EXACT_OUT)
    assert placed.amount_in is not None
    await world.deposit_and_report(placed, amount=placed.amount_in + change)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.REFUNDED

    snapshot = await world.snapshot(placed)
    assert snapshot.received is not None
    assert (snapshot.received.name, snapshot.received.received) == (name, placed.amount_in + change)


async def test_an_exact_out_order_within_its_bounds_completes(world: World) -> None:
    placed = await world.place(**EXACT_OUT)
    await world.deposit_and_report(placed)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED

    snapshot = await world.snapshot(placed)
    assert snapshot.received is not None
    assert snapshot.received.name == "within"
    assert snapshot.records["paymentIntent"]["targetAmountOut"] == "100000000"
