"""Is the process alive, and can it do its work?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from baton.gateway.errors import RETRY_AFTER
from baton.process.logs import get_logger

PATIENCE = 3.0
"""Seconds that one part may take to answer."""

Probe = Callable[[], Awaitable[object]]
"""Returns when a part works and raises otherwise."""

_log = get_logger(__name__)


def health_routes(probes: Mapping[str, Probe], *, patience: float = PATIENCE) -> list[Route]:
    """Return `/healthz`, which asks nobody, and `/readyz`, which asks every part.

    Args:
        probes: Name of a part to how it is asked.
        patience: Seconds that one part may take.
    """

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(_: Request) -> Response:
        answers = await asyncio.gather(*(_works(name, probe, patience) for name, probe in probes.items()))
        return _readiness(dict(zip(probes, answers, strict=True)))

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


async def _works(name: str, probe: Probe, patience: float) -> bool:
    try:
        async with asyncio.timeout(patience):
            await probe()
    except Exception as error:
        # Why stands in the log alone: the page is open to anybody, and reasons name hosts.
        _log.warning("not ready", part=name, reason=str(error) or f"no answer within {patience:g} s")
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
