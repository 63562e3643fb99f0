"""The paths of an affiliate's claim, and of a round that starts claims."""

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from baton import AffiliateRefused
from baton.affiliates.messages import ClaimRound
from baton.affiliates.names import CLAIM_ROUND_WORKFLOW, FOLLOW_CLAIM, claim_workflow_id
from baton.orders.names import WORKFLOW_QUEUE
from tests.end_to_end.affiliate_orders import TERMS, attempt_now, claims_of, closed, earned, standing
from tests.eventually import eventually
from tests.replay.registry import OtherPath, PathStage

PATHS: dict[str, OtherPath] = {}


def ending(ends: str) -> Any:
    """Return a decorator that adds a function as a path with this end."""

    def added(lead: Any) -> Any:
        PATHS[lead.__name__] = OtherPath(lead.__name__, lead, ends)
        return lead

    return added


@ending("completed")
async def claim_paid(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await _with_balance(stage)
    await stage.world.baton.claim_affiliate(stage.reference)
    return await _ended(stage)


@ending("completed")
async def claim_found_after_its_answer_was_lost(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """Orchestra makes the claim, answers with an error and forgets the key."""
    await _with_balance(stage)
    await stage.world.sandbox.fault("claim", "error", status=500, afterEffect=True)
    await stage.world.baton.claim_affiliate(stage.reference)
    return await _ended(stage)


@ending("completed")
async def claim_under_the_next_key(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await _with_balance(stage)
    await stage.world.sandbox.fault("claim", "error", status=409, code="conflict")
    await stage.world.baton.claim_affiliate(stage.reference)
    return await _ended(stage)


@ending("workflow_execution_failed")
async def claim_refused(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await stage.world.baton.register_affiliate(stage.reference, **TERMS)
    try:
        await stage.world.baton.claim_affiliate(stage.reference)
    except AffiliateRefused:
        return await _ended(stage)
    raise AssertionError("the balance is below $1, so the claim must be refused")


@ending("failed")
async def claim_whose_payout_fails(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await _with_balance(stage)
    await stage.world.sandbox.set_claim_payouts("fail")
    await stage.world.baton.claim_affiliate(stage.reference)
    return await _ended(stage)


@ending("completed")
async def claim_whose_payout_is_overdue(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await _with_balance(stage)
    await stage.world.sandbox.set_claim_payouts("hold")
    await stage.world.baton.claim_affiliate(stage.reference)
    await stage.world.environment.fast_forward(_handle(stage), timedelta(hours=25))
    await eventually(lambda: standing(stage.world, stage.reference), lambda view: view.attention is not None)
    (claim,) = await claims_of(stage.world, stage.reference)
    await stage.world.sandbox.settle_claim(claim["id"])
    await attempt_now(stage.world, stage.reference, FOLLOW_CLAIM)
    return await _ended(stage)


@ending("done")
async def claim_round(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """Two balances are due and one is too small: a claim is started, one waits, one is left."""
    await _with_balance(stage, 4_000)
    await earned(stage.world, stage.reference, 5_000, sourceChain="solana")
    await stage.world.baton.register_affiliate("poor", **TERMS)
    await earned(stage.world, "poor", 100)
    handle: WorkflowHandle[Any, Any] = await stage.world.environment.client.start_workflow(
        CLAIM_ROUND_WORKFLOW, ClaimRound(account="default"), id="claims/default-replay", task_queue=WORKFLOW_QUEUE
    )
    await handle.result()
    await closed(stage.world, stage.reference)
    return handle


async def _with_balance(stage: PathStage, dollars: int = 200) -> None:
    await stage.world.baton.register_affiliate(stage.reference, **TERMS)
    await earned(stage.world, stage.reference, dollars)


async def _ended(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await closed(stage.world, stage.reference, within=50)
    return _handle(stage)


def _handle(stage: PathStage) -> WorkflowHandle[Any, Any]:
    return stage.world.environment.client.get_workflow_handle(claim_workflow_id("default", stage.reference))
