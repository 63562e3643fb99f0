"""One Temporal server and one Baton that is well, which each test breaks for itself alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.testing import WorkflowEnvironment

from tests.doctor.examination import Examination, settings_of
from tests.end_to_end.world import World, running_world
from tests.gateway.world import start_temporal
from tests.temporal_server import temporal_server


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with temporal_server() as environment:
        await keep_ended_orders(environment)
        yield environment


async def keep_ended_orders(environment: WorkflowEnvironment) -> None:
    """Give the namespace the retention that Baton's own set-up gives it."""
    config = NamespaceConfig(workflow_execution_retention_ttl=Duration(seconds=30 * 24 * 3600))
    request = UpdateNamespaceRequest(namespace=environment.client.namespace, config=config)
    await environment.client.workflow_service.update_namespace(request)


@pytest.fixture(scope="session")
async def bare_temporal() -> AsyncIterator[WorkflowEnvironment]:
    """A server as it is installed: without search attributes and workers, and with a retention of one day."""
    async with await start_temporal() as environment:
        yield environment


@pytest.fixture(scope="session")
async def world(temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(temporal, tmp_path_factory.mktemp("doctor")) as running:
        yield running


@pytest.fixture
def examination(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examination:
    monkeypatch.chdir(tmp_path)
    for name, value in settings_of(world).items():
        monkeypatch.setenv(name, value)
    return Examination(world, monkeypatch)
