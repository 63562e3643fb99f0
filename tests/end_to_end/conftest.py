"""One Temporal server and one Baton for all end-to-end tests; each test has its own orders."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from tests.end_to_end.world import World, running_world
from tests.replay.replayer import replay_many
from tests.temporal_server import temporal_server


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with temporal_server() as environment:
        yield environment


@pytest.fixture(scope="session")
async def world(temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(temporal, tmp_path_factory.mktemp("world")) as running:
        yield running
    await replay_all(temporal.client)


async def replay_all(client: Client) -> None:
    """Replay the workflows of all tests: a new worker must be able to continue each of them."""
    await replay_many(client.list_workflows().map_histories())
