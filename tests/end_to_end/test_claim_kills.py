"""The worker is killed at each boundary of each activity of a claim: every balance is claimed once, and paid."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from baton.affiliates.messages import ClaimOutcome, ClaimRequest, ClaimView
from baton.affiliates.names import CLAIM_BALANCE, CLAIM_WORKFLOW, KNOWN_CLAIMS
from baton.affiliates.start import claim_options
from tests.end_to_end.affiliate_orders import SHARE, claim_calls, claims_of, earned, registered
from tests.end_to_end.boundary_kills import Kills
from tests.end_to_end.boundary_worker import POLL
from tests.end_to_end.worker_process import worker_process
from tests.end_to_end.world import World, running_worker, running_world
from tests.eventually import eventually
from tests.temporal_server import AFTER_KILL, temporal_server

pytestmark = pytest.mark.timeout(120)

KINDS = (KNOWN_CLAIMS, CLAIM_BALANCE, POLL)
BOUNDARIES = [f"{when} {kind} 1" for kind in KINDS for when in ("before", "after")]


@pytest.fixture(scope="module")
async def bare(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Run Baton without a worker, on its own Temporal server."""
    folder = tmp_path_factory.mktemp("claim_kills")
    async with temporal_server(**AFTER_KILL) as temporal, running_world(temporal, folder, with_worker=False) as world:
        yield world


async def with_balances(world: World, count: int) -> list[str]:
    """Return so many affiliates that have earned by two orders each."""
    async with running_worker(world.environment, world.ledger, world.account, {}):
        affiliates = [await registered(world) for _ in range(count)]
        await asyncio.gather(*(earned(world, affiliate_id) for affiliate_id in affiliates))
    return affiliates


async def start_claim(world: World, affiliate_id: str) -> None:
    request = ClaimRequest(account="default", affiliate_id=affiliate_id)
    await world.environment.client.start_workflow(CLAIM_WORKFLOW, request, **claim_options(request))


async def kill_at(kills: Kills, affiliate_id: str, boundary: str) -> dict[str, str]:
    """Start a claim and kill the worker while it stands at its boundary; return where it stood.

    No two claims share a kill: a poll ends when there is news, and the others would wait for that in vain.
    """
    async with kills.worker({affiliate_id: boundary}) as ended:
        await start_claim(kills.world, affiliate_id)
        await asyncio.wait_for(asyncio.shield(ended), 30)
        return {line["reference"]: line["boundary"] for line in kills.report() if line["stands"]}


async def result_of(world: World, affiliate_id: str) -> ClaimView:
    handle = world.environment.client.get_workflow_handle(f"claim/default/{affiliate_id}", result_type=ClaimView)
    async with asyncio.timeout(60):
        view: ClaimView = await handle.result()
    return view


async def test_killed_at_every_boundary_each_balance_is_claimed_once(bare: World) -> None:
    at = dict(zip(await with_balances(bare, len(BOUNDARIES)), BOUNDARIES, strict=True))
    stood: dict[str, str] = {}
    kills = Kills(bare, bare.ledger_file.parent)
    for affiliate_id, boundary in at.items():
        stood |= await kill_at(kills, affiliate_id, boundary)
    async with kills.worker({}):
        views = [await result_of(bare, affiliate_id) for affiliate_id in at]

    assert stood == at
    assert {view.outcome for view in views} == {ClaimOutcome.COMPLETED}
    for affiliate_id, view in zip(at, views, strict=True):
        (claim,) = await claims_of(bare, affiliate_id)
        assert view.claim is not None
        assert (view.claim.id, claim["amount"], claim["status"]) == (claim["id"], str(2 * SHARE), "completed")
        assert view.found is (at[affiliate_id] == f"after {CLAIM_BALANCE} 1")
        assert len({call["idempotencyKey"] for call in await claim_calls(bare, affiliate_id)}) == 1


async def test_killed_while_the_answer_is_withheld_the_claim_is_found(bare: World) -> None:
    (affiliate_id,) = await with_balances(bare, 1)
    fault = await bare.sandbox.fault("claim", "hold_after")
    async with worker_process(bare, bare.ledger_file.parent) as worker:
        await start_claim(bare, affiliate_id)
        await eventually(lambda: claims_of(bare, affiliate_id))
        await worker.kill()
    await bare.sandbox.release(fault)

    async with worker_process(bare, bare.ledger_file.parent):
        view = await result_of(bare, affiliate_id)

    assert (view.found, view.outcome) == (True, ClaimOutcome.COMPLETED)
    assert len(await claims_of(bare, affiliate_id)) == 1
    assert len(await claim_calls(bare, affiliate_id)) == 1
