"""One Temporal server and one Baton for all end-to-end tests; each test has its own orders."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from tests import leftovers
from tests.end_to_end.world import World, running_world


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with leftovers.shared_temporal() as environment:
        yield environment


@pytest.fixture(scope="session")
async def world(temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(temporal, tmp_path_factory.mktemp("world")) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
async def no_order_outlives_its_file() -> AsyncIterator[None]:
    yield
    await leftovers.clear()
