"""The stream of pages that show figures of everything: it asks the page to load its part again every few seconds."""

import time

from starlette.responses import Response

from baton.gateway.ops.streaming import stream_of
from baton.gateway.ops.visit import Visit

EVERY = 10.0
"""Seconds between two looks of a page at its figures."""


async def refreshing(visit: Visit) -> Response:
    """Return the stream; 429 if there are too many already."""

    async def version() -> tuple[str, bool]:
        return str(time.monotonic() // EVERY), False

    shown, _ = await version()
    return await stream_of(visit, version, shown)
