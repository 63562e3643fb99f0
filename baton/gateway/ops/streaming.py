"""Streams that tell a page of `/ops` that it would show something else; the page then loads its part, or says so."""

from collections.abc import AsyncIterator
from contextlib import ExitStack

from starlette.responses import Response, StreamingResponse

from baton.gateway.ops.visit import Visit
from baton.gateway.pay.stream import TooManyStreams, Version, changes

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Referrer-Policy": "no-referrer"}


async def stream_of(visit: Visit, version: Version, shown: str) -> Response:
    """Return the stream; 429 if there are too many already, of all or of this page in this browser.

    Args:
        visit: The request.
        version: Names what the page would show now, and says whether that is final.
        shown: The name of what it shows.
    """
    with ExitStack() as slots:
        try:
            slots.enter_context(visit.frame.slots.slot(f"{visit.form_token} {visit.request.url.path}"))
        except TooManyStreams:
            return Response(status_code=429, headers={"Retry-After": "5"})
        held = slots.pop_all()

    async def messages() -> AsyncIterator[str]:
        with held:
            async for message in changes(version, shown, visit.parts.stopping):
                yield message

    return StreamingResponse(messages(), media_type="text/event-stream", headers=_HEADERS)
