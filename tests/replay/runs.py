"""The histories of an order's runs (it may continue as new) and of their children."""

from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.service import RPCError

from baton.orders.answers import Placement
from tests.end_to_end.world import World


async def runs_of(world: World, placed: Placement) -> list[WorkflowHistory]:
    """Return the histories of all runs of an order, first run first."""
    client = world.environment.client
    run_id = await _first_run(world.handle(placed))
    histories = []
    while run_id:
        histories.append(await client.get_workflow_handle(placed.workflow_id, run_id=run_id).fetch_history())
        run_id = histories[-1].events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return histories


def children_of(client: Client, history: WorkflowHistory) -> dict[str, WorkflowHandle[Any, Any]]:
    """Return the children that a run of an order started, by kind."""
    started = children_started(history)
    return {kind: client.get_workflow_handle(child.workflow_id, run_id=child.run_id) for kind, child in started.items()}


def children_started(history: WorkflowHistory) -> dict[str, WorkflowExecution]:
    """Return the ids of the children that a run of an order started, by kind: the part of their id after the order's.

    Raises:
        ValueError: It started two children of one kind.
    """
    started: dict[str, WorkflowExecution] = {}
    for event in history.events:
        if not event.HasField("child_workflow_execution_started_event_attributes"):
            continue
        child = event.child_workflow_execution_started_event_attributes.workflow_execution
        kind = child.workflow_id.removeprefix(f"{history.workflow_id}/").partition("/")[0]
        if kind in started:
            raise ValueError(f"{history.workflow_id} started two children of the kind {kind}; their names would clash")
        started[kind] = child
    return started


async def has_timer(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether the workflow exists and has started a timer: then it waits, and its first steps are done."""
    try:
        history = await handle.fetch_history()
    except RPCError:
        return False
    return any(event.HasField("timer_started_event_attributes") for event in history.events)


async def _first_run(handle: WorkflowHandle[Any, Any]) -> str:
    description = await handle.describe()
    return description.raw_description.workflow_execution_info.first_run_id
