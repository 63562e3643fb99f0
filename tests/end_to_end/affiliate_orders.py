"""Affiliates and their fees in a running Baton."""

import uuid
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetActivityRequest

from baton.affiliates.messages import BalanceLine, ClaimView
from baton.affiliates.names import CLAIM_STANDING, claim_workflow_id
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.end_to_end.world import World
from tests.eventually import eventually

ADDRESS = "0x" + "ab" * 20
TERMS = {"fee_bps": 100, "payout_chain": "base", "payout_asset": "USDC", "payout_address": ADDRESS}
SHARE = 799_200
"""The share of 100 USDC: the platform takes 10 basis points, the fee is 100 of the rest, four fifths of it remain."""


async def registered(world: World, **changes: Any) -> str:
    """Register an affiliate of this test alone; return its id."""
    affiliate_id = f"friend-{uuid.uuid4().hex[:10]}"
    await world.baton.register_affiliate(affiliate_id, **{**TERMS, **changes})
    return affiliate_id


async def earned(world: World, affiliate_id: str, dollars: int = 200, **fields: Any) -> Placement:
    """Complete an order of that many dollars whose fee goes to the affiliate, and wait until the ledger has it."""
    placed = await world.place(affiliateId=affiliate_id, amount=str(dollars * 1_000_000), **fields)
    await world.deposit_and_report(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    return placed


async def line_of(world: World, affiliate_id: str) -> BalanceLine:
    """Return the affiliate's only balance."""
    (line,) = await world.baton.affiliate_balance(affiliate_id)
    return line


async def claim_calls(world: World, affiliate_id: str) -> list[dict[str, Any]]:
    """Return the calls that claimed the affiliate's balance."""
    calls = await world.sandbox.requests("claim")
    return [call for call in calls if call["path"] == f"/v1/affiliates/{affiliate_id}/claim"]


async def claims_of(world: World, affiliate_id: str) -> list[dict[str, Any]]:
    """Return the affiliate's claims as the sandbox has them."""
    return [claim for claim in await world.sandbox.claims() if claim["affiliateId"] == affiliate_id]


async def standing(world: World, affiliate_id: str) -> ClaimView:
    """Return where the affiliate's claim stands."""
    handle = world.environment.client.get_workflow_handle(claim_workflow_id("default", affiliate_id))
    view: ClaimView = await handle.query(CLAIM_STANDING, result_type=ClaimView)
    return view


async def closed(world: World, affiliate_id: str, *, within: float = 20) -> ClaimView:
    """Wait until the affiliate's claim has closed; return it."""
    return await eventually(lambda: standing(world, affiliate_id), lambda view: view.outcome is not None, within=within)


async def attempt_now(world: World, affiliate_id: str, activity: str) -> None:
    """Have the claim's activity attempted at once: a clock that the test moved ahead planned its next attempt."""
    client = world.environment.client
    execution = WorkflowExecution(workflow_id=claim_workflow_id("default", affiliate_id))
    request = ResetActivityRequest(namespace=client.namespace, execution=execution, type=activity)
    await client.workflow_service.reset_activity(request)
