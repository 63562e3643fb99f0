"""The runs of an order: its workflow may continue as new, and each run has a history of its own."""

from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory

from tests.end_to_end.world import World
from workflows.models import Placement


async def runs_of(world: World, placed: Placement) -> list[WorkflowHistory]:
    """Return the histories of all runs of an order, first run first."""
    client = world.environment.client
    run_id = await _first_run(world.handle(placed))
    histories = []
    while run_id:
        histories.append(await client.get_workflow_handle(placed.workflow_id, run_id=run_id).fetch_history())
        run_id = histories[-1].events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return histories


async def _first_run(handle: WorkflowHandle[Any, Any]) -> str:
    description = await handle.describe()
    return description.raw_description.workflow_execution_info.first_run_id
