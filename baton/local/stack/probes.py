"""Readiness probes of the stack's processes."""

import asyncio
from pathlib import Path

import httpx

from baton.bounded_http import certificates
from baton.local.child_process import Probe

_TIMEOUT = 2.0
"""Seconds for one probe: a starting process may accept a connection long before it answers."""


def http_ok(url: str) -> Probe:
    """Return a probe that is true if the URL answers 200."""

    async def probe() -> bool:
        # A proxy that the environment names must not stand between two processes of one machine.
        async with httpx.AsyncClient(verify=certificates(), trust_env=False, timeout=_TIMEOUT) as client:
            try:
                return (await client.get(url)).status_code == httpx.codes.OK
            except httpx.HTTPError:
                return False

    return probe


def file_exists(path: Path) -> Probe:
    """Return a probe that is true while the file exists."""

    async def probe() -> bool:
        return await asyncio.to_thread(path.exists)

    return probe


async def accepts(host: str, port: int) -> bool:
    """Return whether this address accepts TCP connections."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), _TIMEOUT)
    except (OSError, TimeoutError):
        return False
    writer.close()
    await writer.wait_closed()
    return True
