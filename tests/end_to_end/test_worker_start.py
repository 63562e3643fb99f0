"""If something is missing, the worker says so in one sentence, and its exit code says whose fault it is."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.bridge import worker as bridge
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.support.read_model import SnapshotFeed
from baton.ledger.ledger import Ledger
from baton.local.stack.ports import free_ports
from tests.end_to_end.forks import start_fork
from tests.eventually import eventually
from worker import main, workflow_runner, workflow_worker


async def run_worker(folder: Path, **variables: str) -> tuple[int | None, str]:
    environment = {**os.environ, "BATON_HOME": str(folder), **variables}
    process = start_fork(main, environment=environment, output=folder / "output")
    await asyncio.to_thread(process.join)
    return process.exitcode, (folder / "output").read_text()


async def test_without_a_server_the_worker_says_how_to_start_one(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"

    code, output = await run_worker(tmp_path, TEMPORAL_ADDRESS=address)

    assert code == 3
    assert f"Temporal cannot be reached at {address}" in output
    assert "start the server or set TEMPORAL_ADDRESS" in output
    assert "Traceback" not in output


async def test_a_worker_that_does_not_start_removes_an_old_ready_file(tmp_path: Path) -> None:
    ready, address = tmp_path / "ready", f"127.0.0.1:{free_ports(1)[0]}"
    ready.write_text("4711")

    await run_worker(tmp_path, TEMPORAL_ADDRESS=address, BATON_READY_FILE=str(ready))

    assert not ready.exists()


async def test_a_worker_whose_share_is_empty_says_so(temporal: WorkflowEnvironment, tmp_path: Path) -> None:
    ready, log = tmp_path / "ready", tmp_path / "log"
    address = temporal.client.service_client.config.target_host
    own = {"BATON_HOME": str(tmp_path), "TEMPORAL_ADDRESS": address, "BATON_READY_FILE": str(ready)}
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "worker"), env={**os.environ, **own, "BATON_ONLY": "watch"}, stdout=output
        )
    await eventually(ready.exists, within=60)
    process.terminate()
    assert await process.wait() == 0
    assert log.read_text().count("this worker serves no task queue") == 1


async def test_without_its_namespace_the_worker_names_it_and_how_to_create_it(
    temporal: WorkflowEnvironment, tmp_path: Path
) -> None:
    address = temporal.client.service_client.config.target_host

    code, output = await run_worker(tmp_path, TEMPORAL_ADDRESS=address, TEMPORAL_NAMESPACE="nowhere")

    assert code == 3
    assert "no namespace 'nowhere'" in output
    assert "temporal operator namespace create -n nowhere" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("nonsense", "accounts.toml"),
        ("", "contains no [accounts.NAME] table"),
        ('[accounts.main]\napikey = "x"', "accounts.main: apikey"),
        ('[accounts.Main]\napi_key = "x"', "accounts.Main: name"),
    ],
)
async def test_an_invalid_partners_file_is_named_with_its_field(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(content)

    code, output = await run_worker(tmp_path, BATON_PARTNERS_FILE=str(file))

    assert code == 2
    assert complaint in output
    assert "Traceback" not in output


async def test_a_ledger_that_cannot_be_opened_hides_its_password(temporal: WorkflowEnvironment, tmp_path: Path) -> None:
    address = temporal.client.service_client.config.target_host
    url = f"postgresql://baton:hunter2@127.0.0.1:{free_ports(1)[0]}/ledger"

    code, output = await run_worker(tmp_path, TEMPORAL_ADDRESS=address, BATON_LEDGER_URL=url)

    assert code == 3
    assert "ledger" in output
    assert "hunter2" not in output
    assert "Traceback" not in output


async def test_the_worker_keeps_its_cache_bounded_and_spares_the_walks(
    temporal: WorkflowEnvironment, tmp_path: Path
) -> None:
    address = temporal.client.service_client.config.target_host
    feed, runner, grace = SnapshotFeed(lambda _: None), workflow_runner(sandboxed=True), timedelta(seconds=1)

    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        # A client of its own: the server refuses a second worker of one client for the same queue.
        worker = workflow_worker(await Client.connect(address), ledger, (), feed, grace, runner, cached=77)

    assert worker.config()["max_cached_workflows"] == 77
    assert all(hasattr(walk, "__wrapped__") for walk in (bridge.decode_activation, bridge.encode_completion))
