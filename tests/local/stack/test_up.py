"""The whole local stack, with the real Temporal server and fake parts of Baton."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from baton.local.sandbox.control import SandboxControl
from baton.local.stack.errors import ChildDied, HomeInUse, PortTaken
from baton.local.stack.parts import Commands, temporal_part
from baton.local.stack.plan import make_plan
from baton.local.stack.ports import free_ports, throwaway_ports
from baton.local.stack.state import read_state
from baton.local.stack.supervisor import Supervisor
from baton.local.stack.temporal import find_binary
from baton.local.stack.up import LocalStack
from baton.orders.visibility import REGISTRY
from baton.settings import Settings
from baton.temporal import TemporalUnavailable, ensure_search_attributes
from tests.local.sandbox.partner import Partner
from tests.local.stack.stack_world import eventually, fake, fake_commands, is_running


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("TEMPORAL_", "ORCHESTRA_", "BATON_")):
            monkeypatch.delenv(name)


@pytest_asyncio.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Return the address of one server, for stacks whose own server is not under test."""
    home = tmp_path_factory.mktemp("engine")
    plan = make_plan(Settings(home=home), throwaway_ports(Settings()), {})
    binary = find_binary(home)
    assert binary
    async with Supervisor(home) as supervisor:
        await supervisor.start(replace(temporal_part(plan, binary), grace=0))
        yield plan.temporal_address


@pytest.fixture
def given_engine(engine: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TEMPORAL_ADDRESS", engine)
    return engine


def stack(home: Path, **commands: list[str]) -> LocalStack:
    settings = Settings(home=home)
    return LocalStack(settings, ports=throwaway_ports(settings), commands=replace(fake_commands(), **commands))


def pids_of(stack: LocalStack) -> dict[str, int]:
    return {child.spec.name: child.pid for child in stack._children._children}


async def test_a_stack_runs_every_part_and_leaves_none_behind(tmp_path: Path) -> None:
    async with stack(tmp_path) as running:
        pids = pids_of(running)
        assert set(pids) == {"temporal", "sandbox", "worker", "gateway"}
        state = read_state(tmp_path)
        assert state == running.state
        client = await Client.connect(state.temporal_address)
        assert await client.service_client.check_health()
        assert state.variables()["ORCHESTRA_BASE_URL"] == running.plan.sandbox_url
    assert not any(is_running(pid) for pid in pids.values())
    assert read_state(tmp_path) is None
    assert not (tmp_path / "stack.json").exists()


@pytest.mark.usefixtures("given_engine")
async def test_a_part_that_dies_while_the_stack_runs_ends_the_watch(tmp_path: Path) -> None:
    async with stack(tmp_path) as running:
        os.kill(pids_of(running)["worker"], signal.SIGKILL)
        with pytest.raises(ChildDied, match="worker was ended by SIGKILL"):
            await running.watch()


@pytest.mark.usefixtures("given_engine")
async def test_a_part_that_cannot_start_stops_the_others(tmp_path: Path) -> None:
    worker = ["sh", "-c", f"echo $$ >{tmp_path}/pid; touch $BATON_READY_FILE; exec sleep 60"]
    gateway = ["sh", "-c", f'until [ -s {tmp_path}/pid ]; do sleep 0.01; done; exec "$@"', "sh", *fake("dies")]
    broken = stack(tmp_path, worker=worker, gateway=gateway)
    with pytest.raises(ChildDied, match=r"(?s)gateway ended .*no such ledger"):
        await broken.__aenter__()
    assert not broken.started
    assert not is_running(int((tmp_path / "pid").read_text(encoding="ascii")))
    assert read_state(tmp_path) is None


async def test_a_taken_port_is_reported_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        refused = LocalStack(Settings(home=tmp_path, sandbox_port=port), commands=fake_commands())
        refused.plan = replace(refused.plan, ports=replace(throwaway_ports(Settings()), sandbox=port))
        with pytest.raises(PortTaken, match=f"Port {port}, wanted by the sandbox.*BATON_SANDBOX_PORT"):
            await refused.__aenter__()
    assert not (tmp_path / "logs").exists()


@pytest.mark.usefixtures("given_engine")
async def test_two_stacks_do_not_share_a_home(tmp_path: Path) -> None:
    async with stack(tmp_path):
        with pytest.raises(HomeInUse):
            await stack(tmp_path).__aenter__()
        assert read_state(tmp_path) is not None


async def test_a_given_server_is_used_and_gets_missing_search_attributes(
    tmp_path: Path, given_engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REGISTRY, "BatonNovelty", "Keyword")
    async with stack(tmp_path) as running:
        assert set(pids_of(running)) == {"sandbox", "worker", "gateway"}
        assert (running.state.temporal_address, running.state.ui_url) == (given_engine, None)
    client = await Client.connect(given_engine)
    assert await ensure_search_attributes(client, REGISTRY) == []


@pytest.mark.usefixtures("given_engine")
async def test_a_quote_of_the_sandbox_is_paid_after_the_stack_was_restarted(tmp_path: Path) -> None:
    sandbox = [*Commands().sandbox]
    async with stack(tmp_path, sandbox=sandbox) as running:
        partner = Partner(running.plan.sandbox_url or "")
        async with partner.http:
            quote = await partner.quote()
        os.kill(pids_of(running)["sandbox"], signal.SIGKILL)
    async with stack(tmp_path, sandbox=sandbox) as running, SandboxControl(running.plan.sandbox_url or "") as control:
        partner = Partner(control.base_url)
        async with partner.http:
            await partner.submit(quote, await control.deposit(quote["quoteId"]))
            assert (await partner.wait_until(quote, "completed"))["quoteId"] == quote["quoteId"]


async def test_a_given_server_must_be_reachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(TemporalUnavailable, match="cannot be reached"):
        await stack(tmp_path).__aenter__()


SCRIPT = """
import asyncio, sys
from baton.settings import load_settings
from baton.local.stack.up import run_up
from tests.local.stack.stack_world import fake_commands

sys.exit(asyncio.run(run_up(load_settings(), as_json=True, commands=fake_commands())))
"""


@contextmanager
def up(home: Path) -> Iterator[subprocess.Popen[str]]:
    gateway, sandbox, engine, _ = free_ports(4)
    ports = {"BATON_GATEWAY_PORT": gateway, "BATON_SANDBOX_PORT": sandbox, "BATON_TEMPORAL_PORT": min(engine, 64000)}
    environment = os.environ | {"BATON_HOME": str(home)} | {name: str(port) for name, port in ports.items()}
    command = [sys.executable, "-c", SCRIPT]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def children_of(process: subprocess.Popen[str]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return [int(pid) for pid in listed.split()]


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="reads the children of a process from /proc")


@needs_proc
def test_a_signal_stops_the_stack_and_leaves_no_process(tmp_path: Path) -> None:
    with up(tmp_path) as process:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        assert addresses["gateway_url"].startswith("http://127.0.0.1:")
        pids = children_of(process)
        assert len(pids) == 4
        process.terminate()
        assert process.wait(timeout=15) == 0
    assert not any(is_running(pid) for pid in pids)
    assert read_state(tmp_path) is None


@needs_proc
def test_a_killed_stack_leaves_no_process_and_the_next_one_starts(tmp_path: Path) -> None:
    for _ in range(2):
        with up(tmp_path) as process:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())
            pids = children_of(process)
            process.kill()
        assert eventually(lambda pids=pids: not any(is_running(pid) for pid in pids))  # type: ignore[misc]
        assert read_state(tmp_path) is None
