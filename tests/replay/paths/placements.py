"""The path of a wait for an order's quote, for which a Nexus operation has no time."""

from typing import Any

from temporalio.client import WorkflowHandle

from baton.orders.messages import ReadPlacement
from baton.orders.names import PLACEMENT_WORKFLOW, WORKFLOW_QUEUE, placement_workflow_id
from tests.replay.registry import OtherPath, PathStage


async def placement_awaited(stage: PathStage) -> WorkflowHandle[Any, Any]:
    placed = await stage.place()
    call = ReadPlacement(account=placed.account, reference=placed.reference)
    waiting: WorkflowHandle[Any, Any] = await stage.world.environment.client.start_workflow(
        PLACEMENT_WORKFLOW, call, id=placement_workflow_id(placed.workflow_id), task_queue=WORKFLOW_QUEUE
    )
    await waiting.result()
    return waiting


PATHS = {placement_awaited.__name__: OtherPath(placement_awaited.__name__, placement_awaited, "awaiting_deposit")}
