"""A replayer that treats workflows as the worker does."""

from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from worker import PASSED_THROUGH


async def replay(workflow: type[Any], history: WorkflowHistory) -> None:
    """Replay a history with this workflow.

    Raises:
        temporalio.workflow.NondeterminismError: The workflow would not have given these commands.
    """
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    replayer = Replayer(
        workflows=[workflow],
        workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions),
        data_converter=pydantic_data_converter,
    )
    await replayer.replay_workflow(history)
