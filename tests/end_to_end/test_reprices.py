"""Older accounts are asked whether to accept a worse price: the policy or the business answers, never a default."""

from typing import Any

import pytest

from baton.errors import OrderRefused
from baton.orchestra.rules.reprice import RepriceAction
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.reports import RepriceDecision
from tests.end_to_end.test_zeroconf import BITCOIN
from tests.end_to_end.world import World
from tests.eventually import eventually

REFUND = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"


async def repriced(world: World, route: dict[str, str] | None = None, **policy: Any) -> Placement:
    fields = {**(route or {}), **({"policy": {"reprice": policy}} if policy else {})}
    placed = await world.place(scenario="reprice_pending", **fields)
    await world.deposit_and_report(placed)
    return placed


async def waiting(world: World, placed: Placement) -> None:
    snapshot = await world.until(placed, status="awaiting_approval")
    assert snapshot.records["reprice"]["status"] == "awaiting_approval"
    assert snapshot.waiting_for is not None
    assert snapshot.waiting_for.who == "business"
    assert snapshot.attention is None


async def test_a_worse_price_within_the_policys_loss_is_approved(world: World) -> None:
    placed = await repriced(world, mode="approve", maxLossBps=500)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED

    snapshot = await world.snapshot(placed)
    (report,) = snapshot.reprices
    assert (report.action, report.by, report.too_late) == ("approve", "policy", False)
    assert str(report.minimum) == snapshot.records["reprice"]["proposedMinAmountOut"]
    assert snapshot.records["reprice"]["status"] == "approved"


async def test_a_loss_beyond_the_policys_bound_is_rejected_with_the_figures(world: World) -> None:
    placed = await repriced(world, mode="approve", maxLossBps=1, beyond="reject")

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.FAILED

    (report,) = (await world.snapshot(placed)).reprices
    assert (report.action, report.by) == ("reject", "policy")
    assert "above 1 bps" in report.reasons[0]


async def test_a_bitcoin_deposit_is_refunded_by_policy(world: World) -> None:
    placed = await repriced(world, {**BITCOIN, "refundAddress": REFUND}, mode="refund")

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.REFUNDED


async def test_a_refund_without_an_address_is_left_to_the_business(world: World) -> None:
    placed = await repriced(world, BITCOIN, mode="refund")
    await waiting(world, placed)
    with pytest.raises(OrderRefused, match="refund_address: the order names none"):
        await world.baton.decide_reprice(placed.reference, RepriceDecision(action=RepriceAction.REFUND))

    decision = RepriceDecision(action=RepriceAction.REFUND, refund_address=REFUND)
    await world.baton.decide_reprice(placed.reference, decision)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.REFUNDED


async def test_an_answer_that_orchestra_refuses_raises_attention(world: World) -> None:
    placed = await repriced(world)
    await waiting(world, placed)
    await world.sandbox.fault("reprice", "error", code="invalid_request", status=400, times=1)

    await world.baton.decide_reprice(placed.reference, RepriceDecision(action=RepriceAction.REJECT))

    snapshot = await eventually(lambda: world.snapshot(placed), lambda order: order.attention is not None)
    assert snapshot.attention is not None
    assert snapshot.attention.reason == "reprice_refused"
    assert "invalid_request" in snapshot.attention.message
    await world.baton.decide_reprice(placed.reference, RepriceDecision(action=RepriceAction.REJECT))
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.FAILED


async def test_an_answer_that_came_too_late_is_settled_by_a_read(world: World) -> None:
    placed = await repriced(world)
    await waiting(world, placed)
    order_id = (await world.snapshot(placed)).order_id
    assert order_id is not None
    await world.sandbox.hold_webhooks(quoteId=placed.quote_id)
    await world.sandbox.advance(order_id, "failed")

    await world.baton.decide_reprice(placed.reference, RepriceDecision(action=RepriceAction.REJECT))

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.FAILED
    (report,) = (await world.snapshot(placed)).reprices
    assert report.too_late
    await world.sandbox.release_webhooks()


async def test_without_a_policy_the_business_is_asked_and_its_minimum_counts(world: World) -> None:
    placed = await repriced(world)
    await waiting(world, placed)

    await world.baton.decide_reprice(placed.reference, RepriceDecision(action=RepriceAction.APPROVE, minimum=1))

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    (report,) = (await world.snapshot(placed)).reprices
    assert (report.by, report.minimum) == ("business", 1)


async def test_the_business_can_reject_in_its_own_words(world: World) -> None:
    placed = await repriced(world)
    await waiting(world, placed)

    decision = RepriceDecision(action=RepriceAction.REJECT, reason="the customer said no")
    await world.baton.decide_reprice(placed.reference, decision)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.FAILED
    assert (await world.snapshot(placed)).reprices[0].reasons == ["the customer said no"]


@pytest.mark.parametrize(
    ("decision", "complaint"),
    [
        (RepriceDecision(action=RepriceAction.REFUND), "only where the source is Bitcoin; use reject"),
        (RepriceDecision(action=RepriceAction.APPROVE, minimum=10**30), "which was locked before"),
        (RepriceDecision(action=RepriceAction.REJECT, minimum=5), "belongs to an approval"),
        (RepriceDecision(action=RepriceAction.ASK), "must be approve, reject or refund"),
    ],
)
async def test_an_answer_orchestra_would_refuse_is_refused_before_sending(
    world: World, decision: RepriceDecision, complaint: str
) -> None:
    placed = await repriced(world)
    await waiting(world, placed)

    with pytest.raises(OrderRefused, match=complaint):
        await world.baton.decide_reprice(placed.reference, decision)

    assert (await world.snapshot(placed)).status == "awaiting_approval"
    await world.baton.decide_reprice(placed.reference, RepriceDecision(action=RepriceAction.REJECT))


async def test_answering_without_an_open_repricing_is_refused(world: World) -> None:
    placed = await world.place()

    with pytest.raises(OrderRefused, match="no repricing waits"):
        await world.baton.decide_reprice(placed.reference, RepriceDecision(action=RepriceAction.REJECT))
