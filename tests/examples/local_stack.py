"""The stack of `baton up` as a process of its own, and the processes of the apps that use it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client
from temporalio.converter import DataConverter

from baton.client import BatonClient
from baton.local.sandbox.control import SandboxControl
from baton.local.stack.ports import free_ports
from baton.payloads import data_converter
from tests.paths import ROOT

TOKEN = "token-of-the-examples-0123456789"


@dataclass
class RunningStack:
    """A stack that is up.

    Attributes:
        addresses: What `baton up --json` printed.
        baton: A client of it.
        sandbox: The sandbox in place of Orchestra.
    """

    addresses: Mapping[str, str]
    baton: BatonClient
    sandbox: SandboxControl

    @property
    def variables(self) -> dict[str, str]:
        """What an app's process needs to find the stack."""
        return {
            "BATON_TOKEN": TOKEN,
            "BATON_URL": self.addresses["gateway_url"],
            "TEMPORAL_ADDRESS": self.addresses["temporal_address"],
        }

    async def pay(self, reference: str, scenario: str | None = None) -> None:
        """Pay an order on the sandbox's chain, as its payer; nobody reports it, Orchestra detects it."""
        quote_id = (await self.baton.snapshot(reference)).quote_id
        assert quote_id is not None
        if scenario:
            await self.sandbox.set_scenario(scenario, quote_id)
        await self.sandbox.deposit(quote_id=quote_id, detect=True)


@asynccontextmanager
async def running_stack(
    folder: Path, converter: DataConverter = data_converter, **variables: str
) -> AsyncIterator[RunningStack]:
    """Run `baton up` in a folder until the block ends; its client has this converter."""
    gateway, sandbox, engine, _ = free_ports(4)
    ports = {"BATON_GATEWAY_PORT": gateway, "BATON_SANDBOX_PORT": sandbox, "BATON_TEMPORAL_PORT": min(engine, 64000)}
    environment = {
        "BATON_HOME": str(folder / ".baton"),
        "BATON_API_TOKEN": TOKEN,
        "BATON_NOTIFY_NETWORKS": "127.0.0.0/8",
        **{name: str(port) for name, port in ports.items()},
        **variables,
    }
    command = [sys.executable, "-m", "baton", "up", "--json"]
    async with running(command, folder, environment, stdout=asyncio.subprocess.PIPE) as process:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            addresses = json.loads(await process.stdout.readline())
        client = await Client.connect(addresses["temporal_address"], data_converter=converter)
        async with SandboxControl(addresses["sandbox_url"]) as control:
            yield RunningStack(addresses, BatonClient(client), control)


@asynccontextmanager
async def running(
    command: Sequence[str | Path], folder: Path, variables: Mapping[str, str], *, stdout: int | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a process until the block ends; the block may kill it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment, stdout=stdout)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), timeout=20)
            except TimeoutError:
                process.kill()
                await process.wait()
