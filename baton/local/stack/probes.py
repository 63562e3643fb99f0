"""How the supervisor sees that a process is ready: each probe asks once and answers yes or no, without an error."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

Probe = Callable[[], Awaitable[bool]]

_PATIENCE = 2.0
"""Seconds that one question may take; a process that starts may accept a connection long before it answers."""


def http_ok(url: str) -> Probe:
    """Return a probe that is true when the URL answers 200."""

    async def probe() -> bool:
        # No proxy of the environment stands between two processes of one machine.
        async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE) as client:
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
    """Return whether something accepts TCP connections there."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), _PATIENCE)
    except (OSError, TimeoutError):
        return False
    writer.close()
    await writer.wait_closed()
    return True
