"""Replays histories with the worker's sandbox settings."""

from collections.abc import Sequence
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from baton.payloads import data_converter
from worker import WORKFLOWS, workflow_runner


async def replay_deployed(history: WorkflowHistory) -> None:
    """Replay a history with the deployed workflow of its type.

    Raises:
        temporalio.workflow.NondeterminismError: The workflow makes other commands than the history has.
    """
    await replay(WORKFLOWS, history)


async def replay(workflows: type[Any] | Sequence[type[Any]], history: WorkflowHistory) -> None:
    """Replay a history with this workflow, or with the one among several that has the history's type.

    Raises:
        temporalio.workflow.NondeterminismError: The workflow makes other commands than the history has.
    """
    replayer = Replayer(
        workflows=[workflows] if isinstance(workflows, type) else workflows,
        workflow_runner=workflow_runner(sandboxed=True),
        data_converter=data_converter,
    )
    await replayer.replay_workflow(history)
