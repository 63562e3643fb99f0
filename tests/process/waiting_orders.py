"""Orders that wait in this process, started as the worker starts them, without a Temporal server."""

import asyncio
from dataclasses import replace

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, WorkflowInstance, WorkflowInstanceDetails

from baton.payloads import data_converter
from baton.process.compact_runner import CompactRunner, DetachedHeaders
from workflows.registry import WORKFLOWS


class RecordingRunner(CompactRunner):
    """Keeps what it ran a history's workflow with, to run more workflows like it.

    Attributes:
        details: Of the workflow.
        activations: Of the workflow, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.details: WorkflowInstanceDetails | None = None
        self.activations: list[bytes] = []

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return an instance whose activations are kept."""
        self.details = det
        instance = super().create_instance(det)
        activate = instance.activate

        def keep(act: WorkflowActivation) -> object:
            if not any(job.HasField("remove_from_cache") for job in act.jobs):
                self.activations.append(act.SerializeToString())
            return activate(act)

        instance.activate = keep  # type: ignore[method-assign, assignment]
        return instance


async def record(history: WorkflowHistory) -> RecordingRunner:
    """Replay a history and return what its workflow was run with."""
    runner = RecordingRunner()
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=runner,
        interceptors=[DetachedHeaders()],
        data_converter=data_converter,
    )
    await replayer.replay_workflow(history)
    return runner


async def waiting_orders(recorded: RecordingRunner, count: int) -> list[WorkflowInstance]:
    """Return that many orders which wait where the recorded one does."""
    runner = CompactRunner()
    return [await _waiting(runner, recorded) for _ in range(count)]


async def _waiting(runner: CompactRunner, recorded: RecordingRunner) -> WorkflowInstance:
    activations = [WorkflowActivation.FromString(data) for data in recorded.activations]
    start = activations[0].jobs[0].initialize_workflow
    assert recorded.details is not None
    info = replace(recorded.details.info, headers=dict(start.headers), raw_memo=dict(start.memo.fields))
    details = replace(recorded.details, info=info, last_completion_result=start.last_completion_result)
    instance = runner.create_instance(details)
    for activation in activations:
        completion = await asyncio.to_thread(instance.activate, activation)
        assert completion.HasField("successful"), completion
    return instance
