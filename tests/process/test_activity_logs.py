"""A line that an activity logs says for which order it runs."""

import json
import logging
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import structlog
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from baton.process.activity_logs import ActivityLogs
from baton.process.logs import configure_logs, get_logger
from tests.temporal_server import temporal_server


@activity.defn
async def say_something() -> None:
    get_logger("tests").warning("the node is slow", chain="base")


@workflow.defn(sandboxed=False)
class SpeakingWorkflow:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(say_something, start_to_close_timeout=timedelta(seconds=10))


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with temporal_server() as environment:
        config = environment.client.config()
        config["interceptors"] = [ActivityLogs()]
        yield Client(**config)


@contextmanager
def json_logs() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs("worker", style="json")
    try:
        yield
    finally:
        root.handlers, root.level = handlers, level
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()


async def test_a_line_of_an_activity_has_the_workflow_of_its_order(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    order, queue = f"order/default/{uuid.uuid4().hex}", uuid.uuid4().hex
    with json_logs():
        async with Worker(client, task_queue=queue, workflows=[SpeakingWorkflow], activities=[say_something]):
            await client.execute_workflow(SpeakingWorkflow.run, id=order, task_queue=queue)
        text = capsys.readouterr().out

    lines = [json.loads(line) for line in text.splitlines() if "the node is slow" in line]
    assert len(lines) == 1
    assert (
        lines[0].items()
        >= {
            "workflow_id": order,
            "activity": "say_something",
            "attempt": 1,
            "chain": "base",
            "service": "worker",
            "event": "the node is slow",
        }.items()
    )
