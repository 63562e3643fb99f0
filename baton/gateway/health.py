"""The health endpoints: whether the process is alive, and whether it can do its work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from baton.gateway.errors import RETRY_AFTER
from baton.gateway.short_memory import ShortMemory
from baton.process.log_rates import RateLimitedLog
from baton.process.logs import get_logger
from baton.version import __version__

PROBE_TIMEOUT = 3.0
"""Seconds that one probe may take."""
FRESH = 1.0
"""Seconds for which the results of the probes are kept: many requests must not burden Temporal and the ledger."""

Probe = Callable[[], Awaitable[object]]
"""Returns when a part of the gateway works, and raises otherwise."""

_log = RateLimitedLog(get_logger(__name__), most=10)


def health_routes(
    probes: Mapping[str, Probe], *, draining: asyncio.Event | None = None, timeout: float = PROBE_TIMEOUT
) -> list[Route]:
    """Return the routes `/healthz`, which runs no probe, and `/readyz`, which runs all of them.

    Args:
        probes: The probe of each part, by the part's name.
        draining: Once it is set, the process is not ready any more.
        timeout: Seconds that one probe may take.
    """
    kept: ShortMemory[str, list[bool]] = ShortMemory()

    async def probe_all() -> list[bool]:
        return await asyncio.gather(*(_works(name, probe, timeout) for name, probe in probes.items()))

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "alive", "version": __version__})

    async def readyz(_: Request) -> Response:
        if draining is not None and draining.is_set():
            return JSONResponse({"status": "draining", "parts": {}}, 503)
        results = await kept.get("all", FRESH, probe_all)
        return _readiness(dict(zip(probes, results, strict=True)))

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


async def _works(name: str, probe: Probe, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await probe()
    except Exception as error:
        # Only the log says why: the page is public, and reasons name hosts.
        _log.warning("not ready", part=name, reason=str(error) or f"no answer within {seconds:g} s")
        return False
    return True


def _readiness(parts: Mapping[str, bool]) -> Response:
    ready = all(parts.values())
    document = {
        "status": "ready" if ready else "not_ready",
        "parts": {name: "ok" if works else "unavailable" for name, works in parts.items()},
    }
    headers = None if ready else {"Retry-After": str(RETRY_AFTER)}
    return JSONResponse(document, 200 if ready else 503, headers=headers)
