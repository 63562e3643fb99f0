"""If something is missing, the worker says so in one sentence, and its exit code says whose fault it is."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from baton.local.stack.ports import free_ports


async def run_worker(folder: Path, **environment: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "worker",
        env={**os.environ, "BATON_HOME": str(folder), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_without_a_server_the_worker_says_how_to_start_one(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"

    code, output = await run_worker(tmp_path, TEMPORAL_ADDRESS=address)

    assert code == 3
    assert f"Temporal cannot be reached at {address}" in output
    assert "baton up" in output
    assert "Traceback" not in output


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
