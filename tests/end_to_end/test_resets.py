"""A workflow that was reset in the Temporal UI continues from there, as do its rows in the read model."""

import uuid

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from baton.ledger.rows import OrderRow
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.end_to_end.world import World
from tests.eventually import eventually


async def row_of(world: World, placed: Placement) -> OrderRow:
    row: OrderRow = await eventually(lambda: world.ledger.order(placed.workflow_id), lambda row: row is not None)
    return row


async def reset_to_task(world: World, workflow_id: str, number: int) -> None:
    """Reset a workflow to one of its tasks, as the Temporal UI does."""
    history = await world.environment.client.get_workflow_handle(workflow_id).fetch_history()
    completed = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    task = [event.event_id for event in history.events if event.event_type == completed][number - 1]
    request = ResetWorkflowExecutionRequest(
        namespace=world.environment.client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=workflow_id),
        reason="a test of resets",
        request_id=uuid.uuid4().hex,
        workflow_task_finish_event_id=task,
    )
    await world.environment.client.workflow_service.reset_workflow_execution(request)


async def test_the_rows_of_a_workflow_that_was_reset_follow_the_new_run(world: World) -> None:
    placed = await world.place(scenario="stepped")
    for number in range(4):
        await world.handle(placed).signal("observe", [f"junk {number}"])
        await eventually(lambda: row_of(world, placed), lambda row, least=number: row.revision > least + 1)
    before = await row_of(world, placed)

    await reset_to_task(world, placed.workflow_id, 2)

    after = await eventually(lambda: row_of(world, placed), lambda row: row.published_at > before.published_at)
    assert after.created_at == before.created_at
    await world.deposit_and_report(placed)
    await world.until(placed, status="processing")
    for _ in range(4):
        await world.sandbox.advance((await world.snapshot(placed)).order_id)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert (await row_of(world, placed)).outcome == "completed"
