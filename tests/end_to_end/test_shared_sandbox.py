"""The tests' workflow sandbox shares modules between workflows and restricts them as Temporal's own does."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import Worker

from tests.end_to_end import careless_workflow
from tests.end_to_end.careless_workflow import CarelessWorkflow
from tests.shared_sandbox import SharedSandboxRunner
from tests.temporal_server import temporal_server

QUEUE = "careless"


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    async with (
        temporal_server() as temporal,
        Worker(
            temporal.client,
            task_queue=QUEUE,
            workflows=[CarelessWorkflow],
            workflow_runner=SharedSandboxRunner(),
            workflow_failure_exception_types=[Exception],
        ),
    ):
        yield temporal.client


async def run(client: Client, *, reads_clock: bool) -> int:
    return await client.execute_workflow(CarelessWorkflow.run, reads_clock, id=uuid.uuid4().hex, task_queue=QUEUE)


async def test_a_workflow_that_reads_the_clock_fails_beside_others(client: Client) -> None:
    careful = [run(client, reads_clock=False) for _ in range(10)]
    careless = [run(client, reads_clock=True) for _ in range(10)]

    answers = await asyncio.gather(*careful, *careless, return_exceptions=True)

    assert all(isinstance(answer, int) for answer in answers[:10])
    for answer in answers[10:]:
        assert isinstance(answer, WorkflowFailureError)
        assert "Cannot access time.time" in str(answer.cause)


async def test_workflows_share_their_modules_and_not_those_of_the_tests(client: Client) -> None:
    first, second = [await run(client, reads_clock=False) for _ in range(2)]

    assert second == first + 1
    assert careless_workflow.RUNS == 0
