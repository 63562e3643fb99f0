"""Takes from a shared Temporal server what the tests of a file left there.

An order that stays open goes on: its timers, retries and polls cost CPU until the end of the session, and slow down
every test after it. Fifty of them take most of a core.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from tests.replay.replayer import replay_many
from tests.temporal_server import temporal_server

_shared: list[Client] = []

_ALIKE = 100
"""Workflows of one type that a file's end replays, the newest; what a crowd leaves is alike."""


@asynccontextmanager
async def shared_temporal() -> AsyncIterator[WorkflowEnvironment]:
    """Run a Temporal server that the tests of several files share, each of which calls `clear` at its end."""
    async with temporal_server() as environment:
        _shared.append(environment.client)
        try:
            yield environment
        finally:
            _shared.remove(environment.client)


async def clear() -> None:
    """Replay the workflows of the shared servers, because a new worker must be able to continue each; delete them."""
    for client in _shared:
        await replay_all(client)
        await delete_all(client)


async def replay_all(client: Client) -> None:
    """Replay every workflow, of a crowd those that were started last.

    Raises:
        temporalio.workflow.NondeterminismError: A workflow makes other commands than its history has.
    """
    await replay_many(_histories(client))


async def _histories(client: Client) -> AsyncIterator[WorkflowHistory]:
    """Return the histories; a run that is deleted while it is listed has none."""
    count: Counter[str] = Counter()
    async for execution in client.list_workflows():
        count[execution.workflow_type] += 1
        if count[execution.workflow_type] > _ALIKE:
            continue
        try:
            yield await client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


async def delete_all(client: Client) -> None:
    """Delete every workflow; one that is open is terminated first."""

    async def delete(workflow_id: str, run_id: str) -> None:
        execution = WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
        with suppress(RPCError):  # it is gone already
            await client.workflow_service.delete_workflow_execution(request)

    listed = [(execution.id, execution.run_id) async for execution in client.list_workflows()]
    await asyncio.gather(*(delete(*names) for names in listed))
