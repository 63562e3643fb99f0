"""Sandboxes, partners and a webhook receiver."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.local.sandbox.control import SandboxControl
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.options import Options
from tests.local.sandbox.knowledge import knowledge_in, knowledge_of
from tests.local.sandbox.partner import Partner, Receiver
from tests.sandbox_server import running_sandbox, serving_world


@pytest.fixture(scope="session")
async def shared_partner() -> AsyncIterator[Partner]:
    """A partner of a sandbox that all tests share; for calls whose effects do not disturb other tests."""
    async with running_sandbox(step_seconds=0.0) as (base_url, _):
        partner = Partner(base_url)
        async with partner.http:
            yield partner


@pytest.fixture
async def control(tmp_path: Path) -> AsyncIterator[SandboxControl]:
    """The admin client of a sandbox for this test alone, whose state file must know what the sandbox knows."""
    file = tmp_path / "sandbox.db"
    world = SandboxWorld(Options(step_seconds=0.005, time_scale=0.1, retry_scale=0.001, state_file=file))
    async with serving_world(world) as (_, sandbox_control):
        yield sandbox_control
    assert knowledge_in(file) == knowledge_of(world)


@pytest.fixture
async def partner(control: SandboxControl) -> AsyncIterator[Partner]:
    """A partner of this test's sandbox."""
    test_partner = Partner(control.base_url)
    async with test_partner.http:
        yield test_partner


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook receiver on a free port."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    async with server:
        yield receiver
