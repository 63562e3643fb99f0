"""Worker and gateway as processes of their own, as in production, so that a test can kill them."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from baton.gateway.__main__ import run as run_gateway
from tests.end_to_end.forks import start_fork
from tests.end_to_end.quick_worker import run as run_worker
from tests.end_to_end.world import SECRET, World
from tests.eventually import eventually


class BatonProcess:
    """One process of Baton."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    async def kill(self) -> None:
        """End it with SIGKILL, which drains nothing."""
        self._process.kill()
        await self._ended()

    async def stop(self) -> int:
        """End it with SIGTERM; return its exit code."""
        self._process.terminate()
        return await self._ended()

    async def _ended(self) -> int:
        await asyncio.to_thread(self._process.join)
        assert self._process.exitcode is not None
        return self._process.exitcode


@asynccontextmanager
async def worker_process(world: World, folder: Path, **variables: str) -> AsyncIterator[BatonProcess]:
    """Run a worker, with more variables, until the block ends; the block may kill it."""
    async with _process(world, folder, run_worker, **variables) as worker:
        yield worker


@asynccontextmanager
async def gateway_process(world: World, folder: Path, **variables: str) -> AsyncIterator[BatonProcess]:
    """Run a gateway at the world's address, with more variables, until the block ends; the block may kill it."""
    port = world.gateway_url.rpartition(":")[2]
    async with _process(world, folder, run_gateway, BATON_GATEWAY_PORT=port, **variables) as gateway:
        yield gateway


@asynccontextmanager
async def _process(
    world: World, folder: Path, program: Callable[[], int], **variables: str
) -> AsyncIterator[BatonProcess]:
    ready = folder / f"{program.__module__}-{os.urandom(4).hex()}.ready"
    process = start_fork(program, environment=environment_of(world, folder, ready) | variables)
    running = BatonProcess(process)
    try:
        await eventually(lambda: asyncio.to_thread(ready.exists), within=30)
        yield running
    finally:
        if process.exitcode is None:
            await running.kill()


def environment_of(world: World, folder: Path, ready: Path) -> dict[str, str]:
    """Return the environment of a process that uses the test's Temporal server, sandbox and ledger."""
    return {
        **os.environ,
        "TEMPORAL_ADDRESS": world.environment.client.service_client.config.target_host,
        "ORCHESTRA_BASE_URL": world.account.base_url,
        "ORCHESTRA_API_KEY": world.account.api_key.get_secret_value(),
        "ORCHESTRA_WEBHOOK_SECRET": SECRET,
        "BATON_LEDGER_URL": world.ledger_url,
        "BATON_READY_FILE": str(ready),
        "BATON_SHUTDOWN_GRACE": "5",
    }
