"""An onramp is quoted and submitted in one call; the payer pays an invoice in a payment app, and Baton tracks it."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from baton.errors import DocumentError, OrderRefused
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from baton.orders.names import order_workflow_id
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually

ONRAMP = {
    "kind": "onramp",
    "destinationChain": "spark",
    "destinationAsset": "USDB",
    "recipientAddress": SPARK,
    "amountFiatUsd": "25.00",
}


async def onramp(world: World, scenario: str | None = None, **fields: Any) -> Placement:
    if scenario is None:
        values = {name: value for name, value in {**ONRAMP, **fields}.items() if value is not None}
        return await world.baton.place({"reference": f"on-{uuid.uuid4().hex[:12]}", **values})
    return await onramp(world, **{**fields, "recipientAddress": await recipient_with(world, scenario)})


async def recipient_with(world: World, scenario: str) -> str:
    """Return a new Spark address for which the sandbox plays a scenario."""
    recipient = f"spark1{uuid.uuid4().hex}{uuid.uuid4().hex}"[:62]
    await world.sandbox.set_scenario(scenario, recipient=recipient)
    return recipient


async def refused_onramp(world: World, **fields: Any) -> Placement:
    values = {name: value for name, value in {**ONRAMP, **fields}.items() if value is not None}
    return await world.refused({"reference": f"on-{uuid.uuid4().hex[:12]}", **values})


async def onramp_calls(world: World, placed: Placement) -> list[dict[str, Any]]:
    return [
        call
        for call in await world.sandbox.requests()
        if call["path"].endswith("/onramp") and f"/{placed.reference}/" in (call["idempotencyKey"] or "")
    ]


@pytest.mark.parametrize(
    "amount",
    [
        {"amountFiatUsd": "25.00"},
        {"amountFiatUsd": None, "amount": "25000"},
        {"amountFiatUsd": None, "amount": "25000000", "amountMode": "exact_out"},
    ],
    ids=["US dollars", "sats in", "exact out"],
)
async def test_an_onramp_is_paid_over_its_invoice_and_completes(world: World, amount: dict[str, Any]) -> None:
    placed = await onramp(world, **amount)
    assert placed.deposit_address is not None
    assert placed.deposit_address.startswith("lnbc")
    assert placed.page is not None
    assert placed.page.deeplink == f"https://cash.app/launch/lightning/{placed.deposit_address}"
    assert placed.page.short_url

    await world.sandbox.deposit(placed.quote_id)

    result = await world.baton.wait(placed.reference)
    assert (result.outcome, result.order_id) == (Outcome.COMPLETED, placed.order_id)
    snapshot = await world.snapshot(placed)
    assert (snapshot.kind, snapshot.source_chain, snapshot.page) == ("onramp", "lightning", placed.page)
    assert len(await onramp_calls(world, placed)) == 1


async def test_an_unpaid_onramp_waits_for_its_payer_until_its_invoice_expires(world: World) -> None:
    placed = await onramp(world)

    snapshot = await world.until(placed, phase=Phase.TRACKING, status="processing")

    assert snapshot.waiting_for is not None
    assert placed.expires_at is not None
    assert (snapshot.waiting_for.what, snapshot.waiting_for.who) == ("the payment of the invoice", "payer")
    assert snapshot.waiting_for.until > placed.expires_at


async def test_placing_an_onramp_again_returns_the_same_invoice(world: World) -> None:
    placed = await onramp(world)

    again = await world.baton.place({"reference": placed.reference, **ONRAMP})

    assert (again.deposit_address, again.order_id) == (placed.deposit_address, placed.order_id)
    assert len(await onramp_calls(world, placed)) == 1


async def test_an_unpaid_onramp_ends_as_expired_after_a_read(world: World) -> None:
    placed = await onramp(world)
    await world.until(placed, phase=Phase.TRACKING)
    await world.sandbox.advance(placed.order_id, "expired")

    await world.pass_expiry(placed)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED
    assert len(await onramp_calls(world, placed)) == 1
    received = (await world.snapshot(placed)).received
    assert received is not None
    assert (received.name, received.received) == ("unpaid", 0)


async def test_by_policy_another_onramp_order_replaces_an_expired_one(world: World) -> None:
    placed = await onramp(world, policy={"onQuoteExpiry": "requote"})
    await world.until(placed, phase=Phase.TRACKING)
    await world.sandbox.advance(placed.order_id, "expired")
    await world.baton.refresh(placed.reference)

    snapshot = await eventually(lambda: world.snapshot(placed), lambda order: len(order.quotes) == 2)
    assert snapshot.superseded == [placed.order_id]
    assert snapshot.deposit_address != placed.deposit_address
    assert [call["idempotencyKey"][-8:] for call in await onramp_calls(world, placed)] == ["onramp/1", "onramp/2"]

    await world.sandbox.deposit(snapshot.quotes[-1].quote_id)
    result = await world.baton.wait(placed.reference)
    assert result.outcome is Outcome.COMPLETED
    assert result.order_id != placed.order_id


async def test_a_late_payment_resumes_an_unfulfilled_onramp(world: World) -> None:
    placed = await onramp(world, "onramp_unpaid_unfulfilled")
    await world.until(placed, phase=Phase.TRACKING)
    await world.sandbox.advance(placed.order_id, "unfulfilled")
    await world.until(placed, status="unfulfilled")

    await world.sandbox.deposit(placed.quote_id)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_an_onramp_unknown_until_paid_is_tracked_once_paid(world: World) -> None:
    placed = await onramp(world, "onramp_unknown_until_paid")
    assert (await world.snapshot(placed)).phase is Phase.AWAITING_DEPOSIT

    await world.sandbox.deposit(placed.quote_id)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_an_onramp_never_paid_expires_after_a_final_check(world: World) -> None:
    placed = await onramp(world, "onramp_unknown_until_paid")

    await world.pass_expiry(placed)
    await world.advance(placed, seconds=90)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED


@pytest.mark.parametrize(("scenario", "status"), [("onramp_in_review", None), ("onramp_review_rejected", "failed")])
async def test_an_onramp_held_for_review_is_tracked_without_an_invoice(
    world: World, scenario: str, status: str | None
) -> None:
    placed = await onramp(world, scenario)

    assert placed.order_id
    assert placed.quote_id is None
    if status:
        assert (await world.baton.wait(placed.reference)).outcome.value == status
    else:
        assert (await world.until(placed, phase=Phase.TRACKING, status="processing")).outcome is None


async def test_without_a_spot_price_an_onramp_is_retried_under_its_key(world: World) -> None:
    fault = {"status": 503, "code": "spot_unavailable", "times": 2}
    await world.sandbox.fault("onramp", "error", **fault)

    placed = await onramp(world)

    assert placed.deposit_address
    calls = await onramp_calls(world, placed)
    assert len({call["idempotencyKey"] for call in calls}) == 1
    assert len(calls) >= 2


async def test_without_a_spot_price_for_too_long_the_order_closes_and_says_so(world: World) -> None:
    fault = await world.sandbox.fault("onramp", "error", status=503, code="spot_unavailable", times=500)
    reference = f"on-{uuid.uuid4().hex[:12]}"
    asking = asyncio.create_task(world.refused({"reference": reference, **ONRAMP}))
    try:
        tried = await eventually(lambda: _tried(world, reference))
        assert tried[0]["status"] == 503
        handle = world.environment.client.get_workflow_handle(order_workflow_id("default", reference))
        await world.environment.fast_forward(handle, timedelta(minutes=6))
        placed = await asking
    finally:
        await world.sandbox.remove_fault(fault)

    assert (placed.outcome, placed.reason.code if placed.reason else None) == (Outcome.FAILED, "spot_unavailable")
    assert placed.reason is not None
    assert "until the planned time was over" in placed.reason.message


async def _tried(world: World, reference: str) -> list[dict[str, Any]]:
    calls = await world.sandbox.requests("onramp")
    return [call for call in calls if f"/{reference}/" in (call["idempotencyKey"] or "")]


async def test_a_payer_above_the_apps_limit_is_refused_before_the_call(world: World) -> None:
    payer = f"payer-{uuid.uuid4().hex[:8]}"
    first = await onramp(world, amountFiatUsd="600.00", payer=payer)
    assert first.outcome is None

    second = await refused_onramp(world, amountFiatUsd="500.00", payer=payer)

    assert (second.outcome, second.reason.code if second.reason else None) == (Outcome.FAILED, "payer_limit")
    assert second.reason is not None
    assert "$399.00 of $999.00 in 7 days" in second.reason.message
    assert await onramp_calls(world, second) == []
    assert (await onramp(world, amountFiatUsd="399.00", payer=payer)).outcome is None


async def test_of_four_onramps_at_once_only_one_is_within_the_limit(world: World) -> None:
    payer = f"payer-{uuid.uuid4().hex[:8]}"
    orders = [{"reference": f"on-{uuid.uuid4().hex[:12]}", **ONRAMP, "payer": payer} for _ in range(4)]

    placed = await asyncio.gather(
        *(world.baton.place({**order, "amountFiatUsd": "600.00"}) for order in orders), return_exceptions=True
    )

    refusals = [answer for answer in placed if isinstance(answer, OrderRefused)]
    assert [refusal.code for refusal in refusals] == ["payer_limit"] * 3
    rows = await world.ledger.payers.payments("default", payer, datetime.now(UTC) - timedelta(days=7), besides="")
    assert [row.cents for row in rows] == [60_000]


async def test_a_payment_that_orchestra_refused_leaves_the_payers_limit(world: World) -> None:
    payer = f"payer-{uuid.uuid4().hex[:8]}"
    await world.sandbox.fault("onramp", "error", status=422, code="amount_too_small", times=1)

    await refused_onramp(world, amountFiatUsd="900.00", payer=payer)

    assert (await onramp(world, amountFiatUsd="900.00", payer=payer)).outcome is None


async def test_sats_count_towards_a_payers_limit_at_their_price(world: World) -> None:
    payer = f"payer-{uuid.uuid4().hex[:8]}"

    refused = await refused_onramp(world, amountFiatUsd=None, amount="2000000", payer=payer)

    assert refused.reason is not None
    assert refused.reason.code == "payer_limit"


async def test_an_unpaid_orders_share_of_the_limit_is_returned(world: World) -> None:
    payer = f"payer-{uuid.uuid4().hex[:8]}"
    first = await onramp(world, amountFiatUsd="900.00", payer=payer)
    await world.until(first, phase=Phase.TRACKING)
    await world.sandbox.advance(first.order_id, "expired")
    await world.baton.refresh(first.reference)
    await world.baton.wait(first.reference)

    assert (await onramp(world, amountFiatUsd="900.00", payer=payer)).outcome is None


@pytest.mark.parametrize("region", ["US-NY-NYC", "us-ny-nyc-brooklyn"])
async def test_payers_in_an_excluded_region_are_refused_before_the_call(world: World, region: str) -> None:
    placed = await refused_onramp(world, payerRegion=region)

    assert (placed.outcome, placed.reason.code if placed.reason else None) == (Outcome.FAILED, "region_excluded")
    assert await onramp_calls(world, placed) == []


async def test_a_region_that_may_hold_an_excluded_one_must_be_narrower(world: World) -> None:
    placed = await refused_onramp(world, payerRegion="US-NY")

    assert placed.reason is not None
    assert "too coarse" in placed.reason.message


async def test_an_onramp_without_a_route_is_refused_before_the_call(world: World) -> None:
    placed = await refused_onramp(world, destinationChain="atlantis")

    assert (placed.outcome, placed.reason.code if placed.reason else None) == (Outcome.FAILED, "unsupported_route")
    assert await onramp_calls(world, placed) == []


async def test_other_regions_are_served(world: World) -> None:
    assert (await onramp(world, payerRegion="US-CA")).outcome is None


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"amount": "1000"}, "amount: cannot be combined with amountFiatUsd"),
        ({"amountFiatUsd": "0.99"}, "amountFiatUsd: must be between"),
        ({"amountFiatUsd": "50000.01"}, "amountFiatUsd: must be between"),
        ({"amountFiatUsd": "25.001"}, "amountFiatUsd: write US dollars"),
        ({"amountMode": "exact_out"}, "amountMode: exact_out cannot be combined with amountFiatUsd"),
        ({"destinationAsset": "BTC", "affiliateId": "friend"}, "affiliateId: fees are not possible"),
        ({"appFees": [{"recipient": "r", "fee": 10}], "affiliateIds": ["a"]}, "appFees: cannot be combined with"),
        ({"sourceChain": "base"}, "sourceChain: an onramp is paid in BTC over Lightning"),
        ({"zeroconfEnabled": True}, "zeroconfEnabled is not a field"),
    ],
)
async def test_an_onramp_that_breaks_a_rule_is_refused_with_the_field(
    world: World, fields: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(DocumentError, match=complaint):
        await onramp(world, **fields)
