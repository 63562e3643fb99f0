"""A process that lacks a key: what it cannot read waits for one that can, and nothing is lost or failed for good."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.converter import DataConverter
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import Worker

from baton.encryption.keys import PayloadKeys, new_key
from baton.payloads import data_converter, encrypting_converter
from tests.eventually import eventually
from tests.temporal_server import temporal_server

K1, K2 = new_key("k1"), new_key("k2")
NEW = encrypting_converter(PayloadKeys(text=f"{K2},{K1}"))
LAGGING = {
    "without any key": data_converter,
    "without the new key": encrypting_converter(PayloadKeys(text=f"none,{K1}")),
}


@workflow.defn(sandboxed=False)
class Mailbox:
    def __init__(self) -> None:
        self._letters: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: bool(self._letters))
        return self._letters

    @workflow.signal
    def post(self, letter: str) -> None:
        self._letters.append(letter)


@activity.defn
async def count_attempts() -> int:
    """Heartbeat what was counted, and fail twice."""
    counted = sum(activity.info().heartbeat_details) + 1
    activity.heartbeat(counted)
    if counted < 2:
        raise ApplicationError("once more")
    return counted


@workflow.defn(sandboxed=False)
class Counting:
    @workflow.run
    async def run(self) -> str:
        try:
            counted = await workflow.execute_activity(
                count_attempts,
                start_to_close_timeout=timedelta(seconds=10),
                retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=500), backoff_coefficient=1),
            )
        except ActivityError as error:
            return f"failed for good: {error.cause}"
        return f"counted to {counted}"


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Client]:
    async with temporal_server() as environment:
        yield environment.client


def with_converter(client: Client, converter: DataConverter) -> Client:
    return Client(**{**client.config(), "data_converter": converter})


def worker(client: Client, converter: DataConverter, queue: str) -> Worker:
    return Worker(
        with_converter(client, converter), task_queue=queue, workflows=[Mailbox, Counting], activities=[count_attempts]
    )


async def task_failures(handle: WorkflowHandle[object, object]) -> int:
    events = (await handle.fetch_history()).events
    return [event.event_type for event in events].count(EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)


@pytest.mark.parametrize("lacks", LAGGING)
async def test_a_signal_waits_for_a_worker_that_has_its_key(server: Client, lacks: str) -> None:
    queue = uuid.uuid4().hex
    sender = with_converter(server, NEW)
    soon = timedelta(seconds=1)  # Temporal repeats the task after this time
    handle = await sender.start_workflow(Mailbox.run, id=queue, task_queue=queue, task_timeout=soon)
    await handle.signal(Mailbox.post, "a deposit")
    async with worker(server, LAGGING[lacks], queue):
        await eventually(lambda: task_failures(handle), bool)
    async with worker(server, NEW, queue):
        assert await handle.result() == ["a deposit"]


@pytest.mark.parametrize("lacks", LAGGING)
async def test_an_activitys_progress_waits_for_a_worker_that_has_its_key(server: Client, lacks: str) -> None:
    queue = uuid.uuid4().hex
    handle = await with_converter(server, NEW).start_workflow(Counting.run, id=queue, task_queue=queue)

    async def attempts() -> int:
        pending = (await handle.describe()).raw_description.pending_activities
        return pending[0].attempt if pending else 0

    async with worker(server, NEW, queue):
        await eventually(attempts, lambda attempt: attempt >= 2)
    async with worker(server, LAGGING[lacks], queue):
        await eventually(attempts, lambda attempt: attempt >= 3 or attempt == 0)
    async with worker(server, NEW, queue):
        assert await handle.result() == "counted to 2"
