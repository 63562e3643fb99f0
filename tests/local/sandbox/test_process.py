"""The sandbox as a process, and its command line."""

import asyncio
import json
import signal
import socket
from pathlib import Path

import typer
from typer.testing import CliRunner

from baton.local.sandbox import command
from baton.local.sandbox.control import SandboxControl
from tests.eventually import eventually
from tests.local.sandbox.partner import USDC_TO_BTC, Partner
from tests.local.sandbox.sandbox_process import output_until_up, sandbox_process


async def test_the_process_serves_and_ends_cleanly_during_a_call() -> None:
    async with sandbox_process("--port", "0", "--log-format", "json", "--api-key", "fn_mine") as process:
        output, address = await asyncio.wait_for(output_until_up(process), 20)
        assert "in memory" in output
        assert "no real money moves" in output
        partner = Partner(address, "fn_mine")
        async with partner.http, SandboxControl(address) as control:
            await partner.quote()
            await control.fault("quote", "hold_after")
            withheld = asyncio.create_task(partner.request_quote(USDC_TO_BTC))
            await eventually(control.quotes, lambda quotes: len(quotes) == 2)
            process.send_signal(signal.SIGTERM)
            _, errors = await asyncio.wait_for(process.communicate(), 10)
            assert (process.returncode, errors) == (0, b"")
            assert (await withheld).status_code == 200


async def test_a_port_in_use_is_reported_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        async with sandbox_process("--port", str(port)) as process:
            output, errors = await asyncio.wait_for(process.communicate(), 20)
            assert process.returncode == 3
            assert errors == b""
            [line] = output.decode().strip().splitlines()
            assert f"127.0.0.1:{port}" in line
            assert "BATON_SANDBOX_PORT" in line


def _invoke(*arguments: str, app: typer.Typer = command.app) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def test_wrong_usage_exits_2_and_names_the_option(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.json")
    assert _invoke("--quote-ttl", "0") == (2, "--quote-ttl: Input should be greater than 0\n")
    code, output = _invoke("scenarios", "--scenario-file", missing)
    assert (code, missing in output) == (2, True)


def test_the_scenarios_are_listed_as_a_table_and_as_json() -> None:
    code, table = _invoke("scenarios")
    assert code == 0
    assert "unfulfilled_then_late" in table
    code, lines = _invoke("scenarios", "--json")
    documents = [json.loads(line) for line in lines.splitlines()]
    assert {"happy", "stepped"} <= {document["name"] for document in documents}
    assert all(document["description"] for document in documents)


def test_the_command_works_as_a_subcommand() -> None:
    parent = typer.Typer()
    parent.add_typer(command.app, name="sandbox")
    parent.command("other")(lambda: None)
    assert "happy" in _invoke("sandbox", "scenarios", app=parent)[1]
    assert _invoke("sandbox", "--quote-ttl", "0", app=parent)[0] == 2
