"""The search attributes of an order follow its status."""

from baton.orders.answers import Placement
from tests.end_to_end.test_zeroconf import awaiting, offered
from tests.end_to_end.world import World
from tests.eventually import eventually


async def found(world: World, placed: Placement, status: str) -> bool:
    """Whether a search for this status finds the order."""
    query = f"WorkflowType = 'OrderWorkflow' AND OrchestraStatus = '{status}' AND WorkflowId = '{placed.workflow_id}'"
    return (await world.environment.client.count_workflows(query)).count == 1


async def test_an_order_that_waits_for_approval_is_found_by_its_status(world: World) -> None:
    placed = await offered(world, "zeroconf_offer", mode="ask")
    await awaiting(world, placed)

    await eventually(lambda: found(world, placed, "awaiting_approval"))

    await world.baton.decide_zeroconf(placed.reference, accept=True, reason="known payer")
    await world.baton.wait(placed.reference)
    await eventually(lambda: found(world, placed, "completed"))


async def test_progress_that_stands_is_found_after_the_next_poll_at_the_latest(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    order_id = (await world.until(placed, status="processing")).order_id
    await world.sandbox.advance(order_id)
    status = (await eventually(lambda: world.snapshot(placed), lambda now: now.status != "processing")).status
    assert status is not None

    await world.advance(placed, minutes=30)

    await eventually(lambda: found(world, placed, status))
