"""A sandbox for tests, served over real HTTP in the test's own event loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

from baton.local.sandbox.control import SandboxControl
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.options import Options
from baton.local.sandbox.server import listen, serving
from baton.process.http_server import address_of


@asynccontextmanager
async def running_sandbox(**options: Any) -> AsyncIterator[tuple[str, SandboxControl]]:
    """Serve a sandbox on a free port; yield its base URL and the client of its admin API.

    Args:
        **options: As in `baton.local.sandbox.options.Options`, for instance `step_seconds=0.01` or
            `scenario="stepped"`.
    """
    async with serving_world(SandboxWorld(Options(**options))) as served:
        yield served


@asynccontextmanager
async def serving_world(world: SandboxWorld) -> AsyncIterator[tuple[str, SandboxControl]]:
    """Serve a sandbox that is already made, as `running_sandbox` does."""
    with closing(listen("127.0.0.1", 0)) as listener:
        base_url = address_of(listener)
        async with serving(world, listener), SandboxControl(base_url) as control:
            yield base_url, control
