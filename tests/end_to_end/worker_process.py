"""Worker and gateway as processes of their own, as in production, so that a test can kill them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.end_to_end.world import SECRET, World
from tests.eventually import eventually


class BatonProcess:
    """One process of Baton."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def kill(self) -> None:
        """End it with SIGKILL, which drains nothing."""
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """End it with SIGTERM; return its exit code."""
        self._process.terminate()
        return await self._process.wait()


@asynccontextmanager
async def worker_process(world: World, folder: Path, **variables: str) -> AsyncIterator[BatonProcess]:
    """Run a worker, with more variables, until the block ends; the block may kill it."""
    async with _process(world, folder, "tests.end_to_end.quick_worker", **variables) as worker:
        yield worker


@asynccontextmanager
async def gateway_process(world: World, folder: Path, **variables: str) -> AsyncIterator[BatonProcess]:
    """Run a gateway at the world's address, with more variables, until the block ends; the block may kill it."""
    port = world.gateway_url.rpartition(":")[2]
    async with _process(world, folder, "baton.gateway", BATON_GATEWAY_PORT=port, **variables) as gateway:
        yield gateway


@asynccontextmanager
async def _process(world: World, folder: Path, module: str, **variables: str) -> AsyncIterator[BatonProcess]:
    ready = folder / f"{module}-{os.urandom(4).hex()}.ready"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        env=environment_of(world, folder, ready) | variables,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await eventually(lambda: asyncio.to_thread(ready.exists), within=30)
        yield BatonProcess(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


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
