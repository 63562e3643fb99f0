"""A whole Baton for the commands to use, and a folder from which none can be reached."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests import leftovers
from tests.cli.command import Baton, ForkServer, bare_environment
from tests.end_to_end.world import World, running_world


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with leftovers.shared_temporal() as environment:
        yield environment


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the world's ledger."""
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="session")
async def world(temporal: WorkflowEnvironment, home: Path) -> AsyncIterator[World]:
    async with running_world(temporal, home) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
async def no_order_outlives_its_file() -> AsyncIterator[None]:
    yield
    await leftovers.clear()


@pytest.fixture
def alone(fork_server: ForkServer, tmp_path: Path) -> Baton:
    """The command without a reachable Baton."""
    return Baton(fork_server, tmp_path, bare_environment(TEMPORAL_ADDRESS="127.0.0.1:1"))


@pytest.fixture
def baton(alone: Baton, world: World, home: Path) -> Baton:
    """The command with a reachable Baton, the world."""
    address = world.environment.client.service_client.config.target_host
    ledger = f"sqlite:///{home / 'ledger.db'}"
    return replace(alone, environment=bare_environment(TEMPORAL_ADDRESS=address, BATON_LEDGER_URL=ledger))
