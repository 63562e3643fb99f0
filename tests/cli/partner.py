"""The command with its own sandbox and without Temporal, for commands that call Orchestra only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from baton.local.sandbox.control import SandboxControl
from tests.cli.command import Baton
from tests.sandbox_server import running_sandbox


@asynccontextmanager
async def beside_sandbox(alone: Baton, **options: Any) -> AsyncIterator[tuple[Baton, SandboxControl]]:
    """Yield the command with a sandbox as its Orchestra, and the sandbox's controls."""
    async with running_sandbox(**options) as (url, control):
        settings = {"ORCHESTRA_BASE_URL": url, "ORCHESTRA_API_KEY": "fn_sandbox"}
        yield replace(alone, environment={**alone.environment, **settings}), control


async def calls_to(control: SandboxControl, endpoint: str) -> int:
    """Return the number of calls to an endpoint."""
    return len(await control.requests(endpoint))
