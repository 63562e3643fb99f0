"""The command beside a sandbox of its own, without Temporal: for what it asks of Orchestra itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from baton.local.sandbox.control import SandboxControl
from tests.cli.command import Baton
from tests.sandbox_server import running_sandbox


@asynccontextmanager
async def beside_sandbox(alone: Baton, **options: Any) -> AsyncIterator[tuple[Baton, SandboxControl]]:
    """Yield the command with the sandbox as its Orchestra, and the sandbox's controls."""
    async with running_sandbox(**options) as (url, control):
        own = {"ORCHESTRA_BASE_URL": url, "ORCHESTRA_API_KEY": "fn_sandbox"}
        yield replace(alone, environment={**alone.environment, **own}), control


async def asked(control: SandboxControl, endpoint: str) -> int:
    """Return how many calls of an endpoint there were."""
    return len(await control.requests(endpoint))
