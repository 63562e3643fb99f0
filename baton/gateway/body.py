"""Request bodies, limited in size and time before anything reads them."""

import asyncio

from starlette.requests import Request

from baton.gateway.errors import EdgeError

MAX_BODY = 1024 * 1024
"""Bytes; a webhook of an order has some kilobytes."""
BODY_TIMEOUT = 10.0
"""Seconds that a body may take to arrive."""

# Without this, the rest of a refused body would have to be read before the connection can be used again.
_CLOSE = {"Connection": "close"}


async def read_request_body(request: Request, *, limit: int = MAX_BODY, seconds: float = BODY_TIMEOUT) -> bytes:
    """Return the raw body.

    Args:
        request: The request; its body must not have been read yet.
        limit: Bytes allowed. Checked against `Content-Length` first, and again while reading.
        seconds: How long the whole body may take.

    Raises:
        EdgeError: 413 for a body that is too large, 408 for one that does not arrive in time.
        ClientDisconnect: The caller closed the connection.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _collect(request, limit)
    except TimeoutError:
        message = f"the body did not arrive within {seconds:g} s"
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
