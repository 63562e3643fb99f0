"""The policy or the business decides a ZeroConf offer in time; after its expiry, a read settles it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.service import RPCError

from baton.errors import OrderRefused
from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome
from baton.orders.names import approval_workflow_id
from baton.orders.reports import ApprovalEnd, ApprovalReport
from baton.orders.rules.zeroconf import EXPOSURE_WINDOW
from tests.end_to_end.world import World
from tests.eventually import eventually

BITCOIN = {
    "sourceChain": "bitcoin",
    "sourceAsset": "BTC",
    "destinationChain": "solana",
    "destinationAsset": "USDC",
    "amount": "250000",
    "recipientAddress": "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV",
}
MOST_CREDIT = 250_000
"""Sats of an offer's deposit; a little less is credited."""

GENEROUS = {"mode": "decide", "maxFeeBps": 500, "minConfirmationProbability": 0.9}


async def offered(world: World, scenario: str, **policy: Any) -> Placement:
    fields = {**BITCOIN, "policy": {"zeroconf": policy}} if policy else BITCOIN
    placed = await world.place(scenario=scenario, **fields)
    await world.deposit_and_report(placed)
    return placed


async def ended(world: World, placed: Placement) -> tuple[Snapshot, ApprovalReport]:
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    snapshot = await world.snapshot(placed)
    return snapshot, snapshot.approvals[0]


async def answers(world: World, placed: Placement) -> list[dict]:
    return [
        call
        for call in await world.sandbox.requests()
        if "/zeroconf/" in call["path"] and f"/{placed.reference}/" in (call["idempotencyKey"] or "")
    ]


async def exposure(world: World) -> int:
    """Return what the account has credited without a confirmation, in sats."""
    return await world.ledger.credits.total("default", datetime.now(UTC) - EXPOSURE_WINDOW)


async def awaiting(world: World, placed: Placement) -> Snapshot:
    return await world.until(placed, status="awaiting_approval")


async def test_an_offer_within_the_policys_bounds_is_accepted(world: World) -> None:
    placed = await offered(world, "zeroconf_accept_path", **GENEROUS)

    snapshot, report = await ended(world, placed)

    assert (report.end, report.by) == (ApprovalEnd.ACCEPTED, "policy")
    assert [call["path"].rsplit("/", 1)[-1] for call in await answers(world, placed)] == ["accept"]
    assert "confirming" not in [transition.status for transition in snapshot.transitions]


async def test_an_offer_with_poor_odds_is_declined_with_the_figures(world: World) -> None:
    placed = await offered(world, "zeroconf_poor_odds", **GENEROUS)

    snapshot, report = await ended(world, placed)

    assert (report.end, report.by) == (ApprovalEnd.DECLINED, "policy")
    assert any("0.62" in reason for reason in report.reasons)
    assert "confirming" in [transition.status for transition in snapshot.transitions]


async def details(world: World, workflow_id: str) -> str:
    """Return what the Temporal UI shows of a workflow; nothing until Temporal has started it."""
    try:
        return await world.details(workflow_id)
    except RPCError:
        return ""


async def test_the_business_is_asked_and_its_answer_counts(world: World) -> None:
    placed = await offered(world, "zeroconf_offer", mode="ask")
    snapshot = await awaiting(world, placed)
    assert snapshot.waiting_for.who == "business"
    approval = approval_workflow_id(placed.workflow_id, snapshot.records["zeroconfOffer"]["quoteId"])
    await eventually(lambda: details(world, approval), lambda text: "| **who decides** | the business |" in text)

    await world.baton.decide_zeroconf(placed.reference, accept=True, reason="known payer")

    _, report = await ended(world, placed)
    assert (report.end, report.by, report.reasons) == (ApprovalEnd.ACCEPTED, "business", ["known payer"])
    assert "| **then** | accepted, decided by business: known payer |" in await world.details(approval)


async def test_answering_without_an_open_offer_is_refused(world: World) -> None:
    placed = await world.place()

    with pytest.raises(OrderRefused, match="no ZeroConf offer"):
        await world.baton.decide_zeroconf(placed.reference, accept=True)


@pytest.mark.parametrize("scenario", ["zeroconf_confirmed_at_decision", "zeroconf_expired_400", "zeroconf_expired_409"])
async def test_a_late_answer_to_an_offer_is_settled_by_a_read(world: World, scenario: str) -> None:
    placed = await offered(world, scenario, **GENEROUS)

    snapshot, report = await ended(world, placed)

    assert report.end is ApprovalEnd.TOO_LATE
    assert snapshot.attention is None


async def test_an_offer_settled_elsewhere_is_not_answered(world: World) -> None:
    placed = await offered(world, "zeroconf_confirmed_meanwhile", mode="ask")

    _, report = await ended(world, placed)

    assert (report.end, report.by) == (ApprovalEnd.SETTLED, "orchestra")
    assert await answers(world, placed) == []


async def test_the_accounts_daily_cap_counts_earlier_credits(world: World) -> None:
    first = await offered(world, "zeroconf_accept_path", **GENEROUS)
    await ended(world, first)

    second = await offered(world, "zeroconf_accept_path", **GENEROUS, dailyCapSats="250000")

    _, report = await ended(world, second)
    assert report.end is ApprovalEnd.DECLINED
    assert any("dailyCapSats" in reason for reason in report.reasons)


async def test_of_six_offers_at_once_a_cap_for_two_lets_two_be_accepted(world: World) -> None:
    before = await exposure(world)
    cap = before + 2 * MOST_CREDIT
    policy = {"zeroconf": {**GENEROUS, "dailyCapSats": str(cap)}}
    placed = [await world.place(scenario="zeroconf_accept_path", **BITCOIN, policy=policy) for _ in range(6)]

    await asyncio.gather(*(world.deposit_and_report(order) for order in placed))

    reports = [(await ended(world, order))[1] for order in placed]
    assert sorted(report.end for report in reports) == [ApprovalEnd.ACCEPTED] * 2 + [ApprovalEnd.DECLINED] * 4
    assert all("dailyCapSats" in report.reasons[-1] for report in reports)
    credited = sum(report.offer.exposure_sats for report in reports if report.end is ApprovalEnd.ACCEPTED)
    assert await exposure(world) == before + credited <= cap


async def test_an_accept_without_an_answer_counts_and_is_repeated(world: World) -> None:
    before = await exposure(world)
    fault = await world.sandbox.fault("zeroconf", "error", status=503, times=500)
    placed = await offered(world, "zeroconf_accept_path", **GENEROUS)
    try:
        await eventually(lambda: answers(world, placed))
        meanwhile = await exposure(world)
    finally:
        await world.sandbox.remove_fault(fault)

    _, report = await ended(world, placed)
    assert report.end is ApprovalEnd.ACCEPTED
    assert meanwhile == await exposure(world) == before + report.offer.exposure_sats


async def test_an_accept_that_orchestra_refuses_leaves_its_room_to_others(world: World) -> None:
    before = await exposure(world)
    placed = await offered(world, "zeroconf_expired_409", **GENEROUS)

    _, report = await ended(world, placed)

    assert report.end is ApprovalEnd.TOO_LATE
    assert await exposure(world) == before


async def test_an_operator_hold_raises_attention_and_is_never_accepted(world: World) -> None:
    placed = await offered(world, "operator_hold", **GENEROUS)
    snapshot = await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.attention is not None)

    assert snapshot.attention.reason == "operator_hold"
    assert await answers(world, placed) == []
    await world.sandbox.advance(snapshot.order_id)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_without_the_businesss_answer_the_policys_default_counts(world: World) -> None:
    placed = await offered(world, "zeroconf_offer", mode="ask", onSilence="decline")
    snapshot = await awaiting(world, placed)
    approval_id = approval_workflow_id(placed.workflow_id, await offer_of(world, snapshot))
    approval = world.environment.client.get_workflow_handle(approval_id)

    await world.environment.fast_forward(approval, 3600)  # other tests move the clock by which offers expire

    _, report = await ended(world, placed)
    assert (report.end, report.by) == (ApprovalEnd.DECLINED, "silence")


async def offer_of(world: World, snapshot: Snapshot) -> str:
    order = next(order for order in await world.sandbox.orders() if order["id"] == snapshot.order_id)
    return order["zeroconfOffer"]["quoteId"]
