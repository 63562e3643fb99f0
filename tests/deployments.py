"""Worker Versioning as tests need it: make a build the current one, and see which builds ran a workflow."""

import asyncio
from typing import Any

from temporalio.client import Client, WorkflowHandle

from tests.temporal_server import temporal_binary


async def make_current(client: Client, deployment: str, build: str) -> None:
    """Let a build run what starts and what moves on from now on, as an operator does."""
    process = await asyncio.create_subprocess_exec(
        temporal_binary(),
        *("worker", "deployment", "set-current-version", "--deployment-name", deployment, "--build-id", build),
        *("--ignore-missing-task-queues", "--yes", "--namespace", client.namespace),
        *("--address", client.service_client.config.target_host),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def builds_of(workflow: WorkflowHandle[Any, Any]) -> list[str]:
    """Return which builds ran a workflow's tasks, in the order in which they did."""
    history = await workflow.fetch_history()
    builds = [
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        for event in history.events
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    return list(dict.fromkeys(builds))
