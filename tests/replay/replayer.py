"""Replays histories in the workflow sandbox.

What costs most is a workflow's import into its sandbox: a replayer of one history prepares only what it needs, and one
of many histories shares the imports.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, WorkflowRunner

from baton.payloads import data_converter
from tests.shared_sandbox import SharedSandboxRunner
from worker import workflow_runner
from workflows.registry import WORKFLOWS


async def replay_deployed(history: WorkflowHistory) -> None:
    """Replay a history with the deployed workflow of its type.

    Raises:
        temporalio.workflow.NondeterminismError: The workflow makes other commands than the history has.
    """
    await replay(_deployed()[_type_of(history)], history)


async def replay_many(histories: AsyncIterator[WorkflowHistory]) -> None:
    """Replay histories with the deployed workflows.

    Raises:
        temporalio.workflow.NondeterminismError: A workflow makes other commands than a history has.
    """
    await _replayer(WORKFLOWS, SharedSandboxRunner()).replay_workflows(histories)


async def failures_of(histories: AsyncIterator[WorkflowHistory]) -> dict[str, str]:
    """Replay histories with the deployed workflows; return the error of each that fails, by its workflow's id.

    They are replayed outside the workflow sandbox, as in production: there may be hundreds.
    """
    failures = {}
    replayer = _replayer(WORKFLOWS, workflow_runner(sandboxed=False))
    async with replayer.workflow_replay_iterator(histories) as results:
        async for result in results:
            if result.replay_failure is not None:
                failures[result.history.workflow_id] = str(result.replay_failure)
    return failures


async def replay(changed: type[Any], history: WorkflowHistory) -> None:
    """Replay a history with this workflow.

    Raises:
        temporalio.workflow.NondeterminismError: The workflow makes other commands than the history has.
    """
    await _replayer([changed], workflow_runner(sandboxed=True)).replay_workflow(history)


def _replayer(workflows: Sequence[type[Any]], runner: WorkflowRunner) -> Replayer:
    return Replayer(
        workflows=workflows,
        workflow_runner=runner,
        data_converter=data_converter,
        debug_mode=True,  # a slow machine is no deadlock
    )


def _deployed() -> dict[str, type[Any]]:
    return {workflow.__name__: workflow for workflow in WORKFLOWS}


def _type_of(history: WorkflowHistory) -> str:
    return history.events[0].workflow_execution_started_event_attributes.workflow_type.name
