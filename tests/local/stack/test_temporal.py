"""The embedded Temporal server: its options, and that its data survives a restart."""

import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListNexusEndpointsRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment

from baton.local.stack import temporal
from baton.local.stack.errors import ChildDied, EngineMissing
from baton.local.stack.ports import Ports, free_ports
from baton.local.stack.supervisor import ChildSpec, Supervisor
from baton.orders.visibility import REGISTRY
from baton.temporal import ensure_search_attributes

PHASE = SearchAttributeKey.for_keyword("BatonPhase")


def server(home: Path, ports: Ports) -> ChildSpec:
    binary = temporal.find_binary(home)
    assert binary
    command = temporal.server_command(binary, ports=ports, database=home / "temporal.db", namespace="shop")
    environment = temporal.server_environment(os.environ)
    # Without grace, the end of the block is a crash of the server.
    return ChildSpec("temporal", command, environment, temporal.serving(ports.temporal, "shop"), grace=0)


@asynccontextmanager
async def running(home: Path) -> AsyncIterator[Client]:
    ports = Ports(*free_ports(4))
    async with Supervisor(home / "logs") as supervisor:
        await supervisor.start(server(home, ports))
        await temporal.prepare_namespace(ports.temporal, "shop")
        yield await Client.connect(f"127.0.0.1:{ports.temporal}", namespace="shop")


async def start(client: Client, workflow_id: str, attribute: SearchAttributeKey[str] = PHASE) -> None:
    attributes = TypedSearchAttributes([SearchAttributePair(attribute, "quoting")])
    await client.start_workflow("Any", id=workflow_id, task_queue="none", search_attributes=attributes)


async def test_an_open_order_survives_a_crash_of_the_server(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        await start(client, "order")
        assert (tmp_path / "temporal.db-wal").exists()
    async with running(tmp_path) as client:
        description = await client.get_workflow_handle("order").describe()
    assert description.status is WorkflowExecutionStatus.RUNNING
    assert description.typed_search_attributes[PHASE] == "quoting"


async def test_the_nexus_endpoint_leads_to_the_namespace_after_a_restart_too(tmp_path: Path) -> None:
    for _ in range(2):
        async with running(tmp_path) as client:
            listed = await client.operator_service.list_nexus_endpoints(ListNexusEndpointsRequest())
        assert [(each.spec.name, each.spec.target.worker.namespace) for each in listed.endpoints] == [("baton", "shop")]


async def test_a_new_search_attribute_works_on_an_old_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path):
        pass
    monkeypatch.setitem(REGISTRY, "BatonNovelty", "Keyword")
    async with running(tmp_path) as client:
        await start(client, "order", SearchAttributeKey.for_keyword("BatonNovelty"))
        assert await ensure_search_attributes(client, REGISTRY) == []


async def test_a_closed_order_can_be_read_for_thirty_days(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="shop"))
    assert described.config.workflow_execution_retention_ttl.ToTimedelta().days == 30


async def test_the_error_of_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "temporal.db").mkdir()
    async with Supervisor(tmp_path / "logs") as supervisor:
        with pytest.raises(ChildDied, match=r"(?s)temporal ended with exit code 1.*unable to open database"):
            await supervisor.start(server(tmp_path, Ports(*free_ports(4))))


_PORTS = Ports(gateway=1, sandbox=2, temporal=3, temporal_ui=4)


def test_a_server_that_syncs_each_write_has_the_settings_of_sqlite() -> None:
    command = temporal.server_command(
        Path("temporal"), ports=_PORTS, database=Path("t.db"), namespace="shop", synced=True
    )
    assert "--sqlite-pragma" not in command
    assert "--dynamic-config-value" in command


def test_the_server_command_sets_poll_rates_and_search_attributes() -> None:
    command = temporal.server_command(Path("temporal"), ports=_PORTS, database=Path("t.db"), namespace="shop")
    registered = {command[at + 1] for at, word in enumerate(command) if word == "--search-attribute"}
    assert registered == {f"{name}={kind}" for name, kind in REGISTRY.items()}
    for processor in ("transfer", "timer", "visibility"):
        assert f"history.{processor}ProcessorMaxPollRPS=1000" in command


def test_the_program_of_the_environment_wins_over_the_one_on_the_path(tmp_path: Path) -> None:
    beside = Path(sys.executable).with_name("temporal")
    expected = beside if beside.exists() else Path(shutil.which("temporal") or "")
    assert temporal.find_binary(tmp_path) == expected


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Hide every Temporal program; return the cache folder."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin/python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "baton").mkdir()
    return tmp_path / "baton"


def test_the_server_gets_no_settings_that_are_meant_for_clients() -> None:
    environment = {"TEMPORAL_ADDRESS": "elsewhere:7233", "TEMPORAL_API_KEY": "k", "PATH": "/bin"}
    assert temporal.server_environment(environment) == {"PATH": "/bin"}


async def test_a_program_that_was_downloaded_before_is_used_again(bare_machine: Path) -> None:
    (bare_machine / "temporal-cli-default.downloading").touch()
    downloaded = bare_machine / "temporal-cli-default"
    downloaded.touch(mode=0o755)
    said: list[str] = []
    assert await temporal.ready_binary(said.append) == downloaded
    assert said == []


async def test_without_a_program_and_a_network_the_error_says_what_helps(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(**_: str) -> None:
        raise RuntimeError("failed to download")

    monkeypatch.setattr(WorkflowEnvironment, "start_local", unreachable)
    said: list[str] = []
    with pytest.raises(EngineMissing, match=r"failed to download.*TEMPORAL_ADDRESS"):
        await temporal.ready_binary(said.append)
    assert said == ["downloading the Temporal server, once"]
