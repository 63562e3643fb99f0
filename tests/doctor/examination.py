"""An examination of a running Baton by settings that a test may break."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from baton.doctor.examination import examine
from baton.health.findings import CheckFinding, Level
from baton.settings import load_settings
from tests.end_to_end.world import SECRET, World

NOWHERE = "http://127.0.0.1:9"
"""An address at which nothing listens."""


def settings_of(world: World) -> dict[str, str]:
    """Return the variables of an installation that is well."""
    client = world.environment.client
    assert isinstance(world.account.api_key, SecretStr)
    return {
        "TEMPORAL_ADDRESS": client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": client.namespace,
        "ORCHESTRA_BASE_URL": world.account.base_url,
        "ORCHESTRA_API_KEY": world.account.api_key.get_secret_value(),
        "ORCHESTRA_WEBHOOK_SECRET": SECRET,
        "BATON_LEDGER_URL": f"sqlite:///{world.ledger_file}",
    }


@dataclass
class Examination:
    """Examines the world with changed settings."""

    world: World
    patch: pytest.MonkeyPatch

    async def findings(self, gateway: str | None = None, **variables: str) -> list[CheckFinding]:
        """Return all findings."""
        for name, value in variables.items():
            self.patch.setenv(name, value)
        return [finding async for finding in examine(load_settings(), gateway or self.world.gateway_url)]

    async def complaints(self, gateway: str | None = None, **variables: str) -> dict[str, CheckFinding]:
        """Return the problems and warnings by their check."""
        found = await self.findings(gateway, **variables)
        return {finding.check: finding for finding in found if finding.level in (Level.PROBLEM, Level.WARNING)}


@contextlib.asynccontextmanager
async def orchestra_at(date: str) -> AsyncIterator[str]:
    """Serve an Orchestra without webhooks whose clock shows a date; yield its URL."""
    body = b'{"webhooks":[]}'
    head = f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
