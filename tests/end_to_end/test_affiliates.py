"""Affiliates end to end: registered, earning by orders, claimed once whatever is lost, and held against claims."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError

from baton import AffiliateRefused, InvalidArgument
from baton.affiliates.messages import ClaimOutcome, ClaimPhase
from baton.affiliates.names import CLAIM_BALANCE, FOLLOW_CLAIM, claim_workflow_id
from baton.encoding.units import whole
from baton.orders.visibility import ATTENTION, OUTCOME, PARTNER, PHASE, STATUS
from baton.recovery.rebuild import Rebuild
from tests.end_to_end.affiliate_orders import (
    ADDRESS,
    SHARE,
    TERMS,
    attempt_now,
    claim_calls,
    claims_of,
    closed,
    earned,
    line_of,
    registered,
    standing,
)
from tests.end_to_end.test_resets import reset_to_task
from tests.end_to_end.world import World
from tests.eventually import eventually


async def test_an_affiliate_is_registered_changed_listed_and_disabled(world: World) -> None:
    affiliate_id = await registered(world)
    changed = await world.baton.register_affiliate(affiliate_id, **{**TERMS, "fee_bps": 30})
    back = await world.baton.register_affiliate(affiliate_id, **TERMS)

    assert (changed.fee_bps, back.fee_bps, back.payout_address) == (30, 100, ADDRESS)
    assert affiliate_id in [each.affiliate_id for each in await world.baton.affiliates()]
    await world.baton.disable_affiliate(affiliate_id)
    assert affiliate_id not in [each.affiliate_id for each in await world.baton.affiliates()]
    everyone = await world.baton.affiliates(include_disabled=True)
    assert [each.enabled for each in everyone if each.affiliate_id == affiliate_id] == [False]


async def test_a_refusal_of_orchestra_keeps_its_code_and_has_a_remedy(world: World) -> None:
    with pytest.raises(AffiliateRefused, match=r"DOGE cannot be paid out to; choose a chain") as refused:
        await registered(world, payout_asset="DOGE")
    assert refused.value.code == "invalid_payout_destination"
    with pytest.raises(AffiliateRefused, match="no affiliate nobody") as refused:
        await world.baton.disable_affiliate("nobody")
    assert refused.value.code == "not_found"


async def test_an_argument_that_cannot_be_right_is_named_before_any_call(world: World) -> None:
    before = len(await world.sandbox.requests("affiliates"))
    for changes, named in (({"fee_bps": 0}, "fee_bps"), ({"payout_address": "0x1"}, "payout_address")):
        with pytest.raises(InvalidArgument, match=named):
            await registered(world, **changes)
    with pytest.raises(InvalidArgument, match="affiliate_id"):
        await world.baton.claim_affiliate("No Such")

    assert len(await world.sandbox.requests("affiliates")) == before


async def test_fees_of_orders_are_summed_and_agree_with_the_claim(world: World) -> None:
    affiliate_id = await registered(world)
    for _ in range(2):
        await earned(world, affiliate_id, 100)
    before = await line_of(world, affiliate_id)

    view = await world.baton.claim_affiliate(affiliate_id)
    ended = await closed(world, affiliate_id)

    assert (before.chain, before.asset, before.decimals) == ("base", "USDC", 6)
    assert (before.earned, before.fees, before.balance, before.claimed) == (2 * SHARE, 2, 2 * SHARE, 0)
    assert view.claim is not None
    assert (view.phase, view.claim.amount, view.found) == (ClaimPhase.PAYING, 2 * SHARE, False)
    assert (ended.phase, ended.outcome) == (ClaimPhase.CLOSED, ClaimOutcome.COMPLETED)
    after = await line_of(world, affiliate_id)
    assert (after.earned, after.claimed, after.difference, after.balance) == (2 * SHARE, 2 * SHARE, 0, 0)
    (claim,) = await world.baton.claims(affiliate_id)
    assert (claim.status, claim.tx_hash is not None) == ("completed", True)
    await earned(world, affiliate_id, 100)
    assert (await line_of(world, affiliate_id)).balance == SHARE


async def test_what_orchestra_paid_for_unseen_orders_is_the_difference(world: World) -> None:
    affiliate_id = await registered(world)
    seen = await earned(world, affiliate_id, 100)
    rows = await world.ledger.fee_payouts.of_affiliate("default", affiliate_id)
    await world.ledger.fee_payouts.record([row.model_copy(update={"affiliate_id": "another"}) for row in rows])
    await earned(world, affiliate_id, 100)

    await world.baton.claim_affiliate(affiliate_id)

    line = await line_of(world, affiliate_id)
    assert (seen.workflow_id, line.earned, line.claimed, line.difference) == (
        rows[0].workflow_id,
        SHARE,
        2 * SHARE,
        SHARE,
    )


async def test_the_sums_are_the_same_after_a_rebuild_of_the_ledger(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id, 100)
    before = await world.ledger.fee_payouts.of_affiliate("default", affiliate_id)
    renamed = [row.model_copy(update={"affiliate_id": None}) for row in before]
    await world.ledger.fee_payouts.record(renamed)
    assert await world.baton.affiliate_balance(affiliate_id) == []

    await Rebuild(world.environment.client, world.ledger).run()

    assert await world.ledger.fee_payouts.of_affiliate("default", affiliate_id) == before


async def test_below_a_dollar_the_claim_is_refused_in_a_failed_workflow(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id, 100)

    with pytest.raises(AffiliateRefused, match=r"below \$1") as refused:
        await world.baton.claim_affiliate(affiliate_id)

    assert refused.value.code == "amount_too_small"
    handle = world.environment.client.get_workflow_handle(claim_workflow_id("default", affiliate_id))
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    view = await standing(world, affiliate_id)
    assert (view.outcome, view.refusal and view.refusal.code) == (ClaimOutcome.REFUSED, "amount_too_small")
    await earned(world, affiliate_id, 100)
    assert (await world.baton.claim_affiliate(affiliate_id)).claim is not None


async def test_a_claim_of_an_unknown_affiliate_is_refused_with_orchestras_code(world: World) -> None:
    with pytest.raises(AffiliateRefused, match="no affiliate") as refused:
        await world.baton.claim_affiliate("nobody")

    assert refused.value.code == "not_found"
    assert await claim_calls(world, "nobody") == []


LOST: dict[str, dict[str, Any]] = {
    "connection_reset": {"kind": "reset"},
    "truncated": {"kind": "truncate"},
    "html_instead_of_json": {"kind": "wrong_content_type"},
    "server_error_and_the_key_is_forgotten": {"kind": "error", "status": 500, "afterEffect": True},
    "unavailable_and_the_key_is_forgotten": {"kind": "error", "status": 503, "afterEffect": True, "times": 1},
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_claim_whose_answer_is_lost_is_claimed_once(world: World, fault: dict[str, Any]) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    await world.sandbox.fault("claim", **fault)

    view = await world.baton.claim_affiliate(affiliate_id)

    assert view.found
    (made,) = await claims_of(world, affiliate_id)
    assert (view.claim and view.claim.id, made["amount"]) == (made["id"], str(2 * SHARE))
    assert len(await claim_calls(world, affiliate_id)) == 1
    assert (await closed(world, affiliate_id)).outcome is ClaimOutcome.COMPLETED


async def test_calls_without_effect_are_repeated_under_one_key(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    await world.sandbox.fault("claim", "error", status=502)
    await world.sandbox.fault("claims", "error", status=503)

    view = await world.baton.claim_affiliate(affiliate_id)

    assert (view.found, len(await claims_of(world, affiliate_id))) == (False, 1)
    calls = await claim_calls(world, affiliate_id)
    assert (len(calls), len({call["idempotencyKey"] for call in calls})) == (2, 1)


async def test_a_passing_refusal_moves_to_the_next_key(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    await world.sandbox.fault("claim", "error", status=409, code="conflict")

    view = await world.baton.claim_affiliate(affiliate_id)

    assert view.claim is not None
    keys = [call["idempotencyKey"] for call in await claim_calls(world, affiliate_id)]
    assert [key.rpartition("/")[2] for key in keys] == ["1", "2"]


async def test_claims_at_the_same_time_are_one_claim(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    await world.sandbox.fault("claim", "slow", seconds=0.3)

    views = await asyncio.gather(*(world.baton.claim_affiliate(affiliate_id) for _ in range(4)))

    assert len({view.claim.id for view in views if view.claim}) == 1
    assert len(await claim_calls(world, affiliate_id)) == 1


async def test_a_claim_of_another_balance_waits_for_the_open_one(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    await world.sandbox.set_claim_payouts("hold")
    await world.baton.claim_affiliate(affiliate_id)
    try:
        with pytest.raises(AffiliateRefused, match="another balance is under way") as refused:
            await world.baton.claim_affiliate(affiliate_id, settlement=("spark", "USDB"))
    finally:
        await world.sandbox.set_claim_payouts("pay")

    assert refused.value.code == "claim_conflict"
    (made,) = await claims_of(world, affiliate_id)
    await world.sandbox.settle_claim(made["id"])
    await closed(world, affiliate_id)


async def test_a_failed_payout_ends_the_claim_and_returns_the_balance(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    await world.sandbox.set_claim_payouts("fail")
    await world.baton.claim_affiliate(affiliate_id)
    await world.sandbox.set_claim_payouts("pay")

    view = await closed(world, affiliate_id)

    assert (view.outcome, view.claim and view.claim.status) == (ClaimOutcome.FAILED, "failed")
    line = await line_of(world, affiliate_id)
    assert (line.claimed, line.difference, line.balance) == (0, 0, 2 * SHARE)


async def test_people_read_a_claim_in_the_temporal_ui(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    await world.sandbox.set_claim_payouts("hold")
    view = await world.baton.claim_affiliate(affiliate_id)
    await world.sandbox.set_claim_payouts("pay")
    handle = world.environment.client.get_workflow_handle(view.workflow_id)

    described = await handle.describe()
    assert await described.static_summary() == f"claim the balance of affiliate {affiliate_id}"
    listed = described.typed_search_attributes
    assert (listed.get(PARTNER), listed.get(PHASE), listed.get(ATTENTION)) == ("default", "paying", False)
    details = await world.details(view.workflow_id)
    assert f"| **amount** | {whole(2 * SHARE, 6)} USDC ({2 * SHARE} smallest units) on base |" in details
    assert "| **waits for** | the payout, from Orchestra |" in details

    await world.sandbox.settle_claim(view.claim.id if view.claim else "")
    await closed(world, affiliate_id)
    described = await handle.describe()
    listed = described.typed_search_attributes
    assert (listed.get(PHASE), listed.get(OUTCOME), listed.get(STATUS)) == ("closed", "completed", "completed")
    assert described.status is WorkflowExecutionStatus.COMPLETED


async def test_a_payout_that_does_not_move_asks_for_a_person(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    await world.sandbox.set_claim_payouts("hold")
    view = await world.baton.claim_affiliate(affiliate_id)
    await world.sandbox.set_claim_payouts("pay")
    handle = world.environment.client.get_workflow_handle(view.workflow_id)

    await world.environment.fast_forward(handle, timedelta(hours=25))

    late = await eventually(lambda: standing(world, affiliate_id), lambda view: view.attention is not None)
    assert late.attention is not None
    assert late.attention.reason == "payout_overdue"
    await world.sandbox.settle_claim(view.claim.id if view.claim else "")
    await attempt_now(world, affiliate_id, FOLLOW_CLAIM)
    ended = await closed(world, affiliate_id)
    assert (ended.outcome, ended.attention) == (ClaimOutcome.COMPLETED, None)


async def test_a_claim_that_is_reset_finds_itself_and_claims_nothing(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    first = await world.baton.claim_affiliate(affiliate_id)
    assert not (await closed(world, affiliate_id)).found

    await reset_to_task(world, first.workflow_id, 2)

    view = await eventually(lambda: standing(world, affiliate_id), lambda view: view.found and view.outcome is not None)
    (made,) = await claims_of(world, affiliate_id)
    assert (view.claim and view.claim.id, made["amount"]) == (made["id"], str(2 * SHARE))
    assert len(await claim_calls(world, affiliate_id)) == 1


async def test_a_page_of_a_proxy_decides_nothing_about_a_claim(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    await world.sandbox.fault("claim", "proxy_page", status=403)
    await world.sandbox.fault("claims", "proxy_page", status=404)

    view = await world.baton.claim_affiliate(affiliate_id)

    assert (view.claim is not None, view.refusal) == (True, None)
    assert len(await claims_of(world, affiliate_id)) == 1


async def test_a_claim_without_an_answer_asks_for_a_person_and_is_made_after_all(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    fault = await world.sandbox.fault("claim", "error", status=503, times=1000)
    claiming = asyncio.create_task(world.baton.claim_affiliate(affiliate_id))
    await eventually(lambda: claim_calls(world, affiliate_id))
    handle = world.environment.client.get_workflow_handle(claim_workflow_id("default", affiliate_id))

    await world.environment.fast_forward(handle, timedelta(minutes=11))

    late = await eventually(lambda: standing(world, affiliate_id), lambda view: view.attention is not None)
    assert late.attention is not None
    assert late.attention.reason == "claim_unanswered"
    assert (await handle.describe()).typed_search_attributes.get(ATTENTION)
    await world.sandbox.remove_fault(fault)
    await attempt_now(world, affiliate_id, CLAIM_BALANCE)
    view = await claiming
    assert (view.claim is not None, view.attention) == (True, None)
    assert len({call["idempotencyKey"] for call in await claim_calls(world, affiliate_id)}) == 1
