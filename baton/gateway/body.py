"""Request bodies, bounded in size and time before anybody looks into them."""

import asyncio

from starlette.requests import Request

from baton.gateway.errors import EdgeError

MAX_BODY = 1024 * 1024
"""Bytes; an order in a webhook has some kilobytes."""
PATIENCE = 10.0
"""Seconds that a body may take to arrive."""

# The rest of a refused body would have to be read before the connection could be used again.
_CLOSE = {"Connection": "close"}


async def read_body(request: Request, *, limit: int = MAX_BODY, patience: float = PATIENCE) -> bytes:
    """Read the raw body.

    Args:
        request: The request; its body must not have been read yet.
        limit: Bytes allowed. Judged by `Content-Length` first, and while reading.
        patience: Seconds that the whole body may take.

    Raises:
        EdgeError: 413 for a body that is too large, 408 for one that does not arrive.
        ClientDisconnect: The caller went away.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(patience):
            return await _collect(request, limit)
    except TimeoutError:
        message = f"the body did not arrive within {patience:g} s"
        raise EdgeError(408, "request_timeout", message, headers=_CLOSE) from None


async def _collect(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> EdgeError:
    return EdgeError(413, "too_large", f"the body is larger than {limit} bytes", headers=_CLOSE)
