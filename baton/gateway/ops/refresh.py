"""The stream of pages that show figures of everything: it asks the page to load its part again every few seconds."""

import time
from collections.abc import AsyncIterator
from contextlib import ExitStack

from starlette.responses import Response, StreamingResponse

from baton.gateway.ops.visit import Visit
from baton.gateway.pay.stream import TooManyStreams, changes

EVERY = 10.0
"""Seconds between two looks of a page at its figures."""

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Referrer-Policy": "no-referrer"}


async def refreshing(visit: Visit) -> Response:
    """Return the stream; 429 if there are too many already."""
    with ExitStack() as slots:
        try:
            slots.enter_context(visit.frame.slots.slot(f"{visit.form_token} {visit.request.url.path}"))
        except TooManyStreams:
            return Response(status_code=429, headers={"Retry-After": "5"})
        held = slots.pop_all()
    return StreamingResponse(_ticks(visit, held), media_type="text/event-stream", headers=_HEADERS)


async def _ticks(visit: Visit, slots: ExitStack) -> AsyncIterator[str]:
    async def version() -> tuple[str, bool]:
        return str(time.monotonic() // EVERY), False

    with slots:
        shown, _ = await version()
        async for message in changes(version, shown, visit.parts.stopping):
            yield message
