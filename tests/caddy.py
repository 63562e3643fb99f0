"""Caddy for tests: Debian's own, run with the configuration that Baton ships, and certificates of its own."""

import asyncio
import os
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.eventually import eventually
from tests.paths import ROOT

REQUIRE = "BATON_REQUIRE_PROXY"
CADDYFILE = ROOT / "deploy" / "caddy" / "Caddyfile"


@dataclass(frozen=True)
class Proxy:
    """A running Caddy."""

    program: str
    environment: dict[str, str]
    public: int
    private: int
    context: ssl.SSLContext
    log: Path

    async def reload(self) -> None:
        """Load the configuration again, as an operator does after a change."""
        assert await self._run("reload", "--force", "--address", self.environment["BATON_PROXY_ADMIN"]) == 0

    async def validate(self) -> int:
        """Return the exit code of Caddy's own check of the configuration."""
        return await self._run("validate")

    async def _run(self, verb: str, *options: str) -> int:
        command = [self.program, verb, "--config", str(CADDYFILE), "--adapter", "caddyfile", *options]
        with self.log.open("ab") as log:
            running = await asyncio.create_subprocess_exec(*command, env=self.environment, stdout=log, stderr=log)
        return await asyncio.wait_for(running.wait(), 60)


def caddy() -> str:
    """Return the path of the program; skip the test where there is none."""
    program = shutil.which("caddy")
    if program is None:
        reason = "caddy is not installed: apt-get install caddy"
        if os.environ.get(REQUIRE):
            pytest.fail(f"{reason} ({REQUIRE} is set)")
        pytest.skip(reason)
    return program


@asynccontextmanager
async def running_caddy(folder: Path, gateways: Sequence[str]) -> AsyncIterator[Proxy]:
    """Run Caddy in front of gateways, given as `host:port`, with its internal certificate authority."""
    program = caddy()
    public, private, admin, http = _free_ports(4)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "BATON_SITE": f"https://localhost:{public}",
        "BATON_PRIVATE_SITE": f"https://localhost:{private}",
        "BATON_PROXY_GATEWAYS": " ".join(gateways),
        "BATON_PROXY_ADMIN": f"127.0.0.1:{admin}",
        "BATON_HTTP_PORT": str(http),
    }
    command = [program, "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    authority, log = folder / "data" / "caddy" / "pki" / "authorities" / "local" / "root.crt", folder / "caddy.log"
    with log.open("ab") as output:
        running = await asyncio.create_subprocess_exec(*command, env=environment, stdout=output, stderr=output)
    try:
        await eventually(lambda: authority.exists() and _listens(public) and _listens(private), within=60)
        context = ssl.create_default_context(cafile=str(authority))
        yield Proxy(program, environment, public, private, context, log)
    finally:
        if running.returncode is None:
            running.terminate()
        await asyncio.wait_for(running.wait(), 60)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
