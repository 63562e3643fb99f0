"""Orders whose submit or approval an operator holds, and the workflow of the holds."""

from typing import Any

from temporalio.client import WorkflowHandle

from baton.holds.names import HOLDS_ID
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.reports import ApprovalEnd
from tests.end_to_end.held_orders import follow_holds, held, held_order, hold, release_all
from tests.end_to_end.test_zeroconf import BITCOIN, GENEROUS
from tests.eventually import eventually
from tests.replay.registry import CONTINUED, OtherPath, PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.COMPLETED)
async def held_and_released(stage: PathStage) -> Placement:
    await follow_holds(stage.world)
    await hold(stage.world)
    placed = await held_order(stage.world, reference=stage.reference)
    await release_all(stage.world)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def held_and_tried_again(stage: PathStage) -> Placement:
    """Tried again twice in vain before the release."""
    await follow_holds(stage.world)
    await hold(stage.world)
    placed = await held_order(stage.world, reference=stage.reference)
    for looks, seconds in ((2, 61), (3, 121)):
        await stage.world.advance(placed, seconds=seconds)
        await stage.until(placed, lambda found, looks=looks: found.held is not None and found.held.looks == looks)
    await release_all(stage.world)
    return placed


@PATHS.ending(Outcome.FAILED)
async def onramp_on_hold(stage: PathStage) -> Placement:
    await follow_holds(stage.world)
    await hold(stage.world)
    refused = await stage.refused(
        kind="onramp",
        sourceChain="lightning",
        sourceAsset="BTC",
        destinationChain="spark",
        destinationAsset="USDB",
        amount="100000",
    )
    await release_all(stage.world)
    return refused


@PATHS.ending(Outcome.COMPLETED, zeroconf=ApprovalEnd.ACCEPTED)
async def offer_held_and_released(stage: PathStage) -> Placement:
    await follow_holds(stage.world)
    await hold(stage.world, "approvals")
    placed = await stage.place(scenario="zeroconf_accept_path", policy={"zeroconf": GENEROUS}, **BITCOIN)
    await stage.world.deposit_and_report(placed)
    await held(stage.world, placed)
    await release_all(stage.world)
    return placed


async def holds_and_releases(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """Hold, release at once, hold, release at a rate; then somebody ends the workflow by hand."""
    world = stage.world
    await follow_holds(world)
    await hold(world, route="base")
    first = await held_order(world)
    await release_all(world)
    await world.baton.wait(first.reference)
    second = await hold(world)
    waiting = await held_order(world)
    await world.baton.release(second.id, reason="slowly", rate=10)
    await world.baton.wait(waiting.reference)
    await eventually(world.baton.holds, lambda found: not found.releasing)
    handle: WorkflowHandle[Any, Any] = world.environment.client.get_workflow_handle(HOLDS_ID)
    await handle.terminate("recorded")
    return handle


async def holds_continued(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """The workflow continues as new, and what is on hold stays on hold; the first run is kept."""
    world = stage.world
    first = await hold(world)
    handle = world.environment.client.get_workflow_handle(HOLDS_ID)
    begun = (await handle.describe()).run_id
    for _ in range(4):
        other = await hold(world, "approvals")
        await world.baton.release(other.id, reason="enough events for another run")
    await eventually(handle.describe, lambda found: found.run_id != begun)
    assert await world.baton.open_holds() == [first]
    await held_order(world)
    await release_all(world)
    return world.environment.client.get_workflow_handle(HOLDS_ID, run_id=begun)


@PATHS.ending(Outcome.COMPLETED)
async def held_price_and_released(stage: PathStage) -> Placement:
    await follow_holds(stage.world)
    await hold(stage.world, "approvals")
    price = {"reprice": {"mode": "approve", "maxLossBps": 500}}
    placed = await stage.place(scenario="reprice_pending", policy=price)
    await stage.world.deposit_and_report(placed)
    await held(stage.world, placed)
    await release_all(stage.world)
    return placed


OTHER_PATHS = {
    "holds_and_releases": OtherPath("holds_and_releases", holds_and_releases, "workflow_execution_terminated"),
    "holds_continued": OtherPath("holds_continued", holds_continued, CONTINUED, early=True),
}
