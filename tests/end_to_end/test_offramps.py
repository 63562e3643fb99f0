"""An off-ramp pays out over Lightning: quoted by a call of its own, it then goes the way of a swap."""

import uuid
from typing import Any

import pytest

from baton.errors import DocumentError, OrderRefused
from baton.orchestra.offramp_models import OfframpRequest
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from tests.end_to_end.world import World

EVM = "0x52908400098527886E0F7030069857D2E4169EE7"
OFFRAMP = {
    "kind": "offramp",
    "sourceChain": "base",
    "sourceAsset": "USDC",
    "amount": "50000000",
    "recipientAddress": "$jane",
    "refundAddress": EVM,
}


def document(**fields: Any) -> dict[str, Any]:
    values = {name: value for name, value in {**OFFRAMP, **fields}.items() if value is not None}
    return {"reference": f"off-{uuid.uuid4().hex[:12]}", **values}


async def offramp(world: World, scenario: str | None = None, **fields: Any) -> Placement:
    placed = await world.baton.place(document(**fields))
    if scenario is not None:
        await world.sandbox.set_scenario(scenario, placed.quote_id)
    return placed


async def calls_of(world: World, placed: Placement) -> list[dict[str, Any]]:
    calls = await world.sandbox.requests("offramp")
    return [call for call in calls if f"/{placed.reference}/" in (call["idempotencyKey"] or "")]


@pytest.mark.parametrize("recipient", ["$jane", "jane", "jane@cash.app"])
async def test_an_offramp_is_quoted_paid_and_delivered_in_sats(world: World, recipient: str) -> None:
    placed = await offramp(world, recipientAddress=recipient)
    assert placed.phase is Phase.AWAITING_DEPOSIT
    assert placed.page is None
    await world.deposit_and_report(placed)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.COMPLETED
    assert (result.kind, result.route) == ("offramp", "base:USDC → lightning:BTC")
    assert result.delivered is not None
    assert (result.delivered.chain, result.delivered.asset) == ("lightning", "BTC")
    assert 0 < result.delivered.amount < 1_000_000
    (call,) = await calls_of(world, placed)
    assert (call["path"], call["body"]["recipientAddress"]) == ("/v1/orchestration/offramp", recipient)
    order = next(order for order in await world.sandbox.orders() if order["id"] == result.order_id)
    assert order["recipientAddress"] == "jane@cash.app"


async def test_the_snapshot_keeps_the_request_of_an_offramp(world: World) -> None:
    placed = await offramp(world)

    snapshot = await world.snapshot(placed)

    assert isinstance(snapshot.request, OfframpRequest)
    assert (snapshot.kind, snapshot.destination_chain) == ("offramp", "lightning")


async def test_placing_an_offramp_again_returns_the_same_address(world: World) -> None:
    order = document()

    first, again = await world.baton.place(order), await world.baton.place(order)

    assert again == first.model_copy(update={"replayed": True})
    assert len(await calls_of(world, first)) == 1


async def test_another_recipient_under_the_same_reference_is_refused(world: World) -> None:
    order = document()
    await world.baton.place(order)

    with pytest.raises(OrderRefused, match=r"recipientAddress: \$jane placed, \$joe requested") as refused:
        await world.baton.place({**order, "recipientAddress": "$joe"})

    assert refused.value.code == "reference_conflict"


async def test_a_lost_answer_gives_one_quote_under_one_key(world: World) -> None:
    await world.sandbox.fault("offramp", "reset")
    placed = await offramp(world)

    calls = await calls_of(world, placed)
    assert [call["replayed"] for call in calls] == [False, True]
    assert len({call["idempotencyKey"] for call in calls}) == 1


async def test_a_payout_that_fails_after_the_deposit_is_refunded(world: World) -> None:
    placed = await offramp(world, "refund_from_delivering")
    await world.deposit_and_report(placed)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.REFUNDED
    assert result.refund is not None
    assert (result.refund.chain, result.refund.asset) == ("base", "USDC")
    assert result.reason is not None
    assert result.reason.code == "delivery_failed"


async def test_a_deposit_after_an_expired_offramp_continues_it(world: World) -> None:
    placed = await offramp(world, policy={"onQuoteExpiry": "expire"})
    await world.pass_expiry(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED

    proof = await world.deposit(placed)
    standing = await world.baton.report_deposit(placed.reference, proof)

    assert standing.followed_by == f"{placed.reference}~late"
    assert (await world.baton.wait(standing.followed_by)).outcome is Outcome.COMPLETED


async def test_an_offramp_without_a_route_is_refused_before_the_call(world: World) -> None:
    placed = await world.refused(document(sourceAsset="DOGE"))

    assert placed.reason is not None
    assert (placed.outcome, placed.reason.code) == (Outcome.FAILED, "unsupported_route")
    assert await calls_of(world, placed) == []


async def test_an_amount_below_the_least_is_refused_before_the_call(world: World) -> None:
    placed = await world.refused(document(amount="1"))

    assert placed.reason is not None
    assert placed.reason.code == "amount_too_small"
    assert await calls_of(world, placed) == []


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"recipientAddress": f"lnbc10u1{'q' * 60}"}, "recipientAddress: must be a Cash App name"),
        ({"refundAddress": None}, "refundAddress: is missing"),
        ({"amountMode": "exact_out"}, "amountMode: an off-ramp is always exact_in; leave it out"),
        ({"deliveryMode": "fixed"}, "deliveryMode: an off-ramp's payout always varies"),
        ({"destinationChain": "spark"}, "destinationChain: an off-ramp pays BTC over Lightning; leave it out"),
        ({"zeroconfEnabled": True}, "zeroconfEnabled is not a field"),
        ({"amountFiatUsd": "25.00"}, "amountFiatUsd is not a field"),
        ({"payer": "customer-7"}, "payer is not a field"),
    ],
)
async def test_an_offramp_that_breaks_a_rule_is_refused_with_the_field(
    world: World, fields: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(DocumentError, match=complaint):
        await world.baton.place(document(**fields))
