"""Answers on the wire: plain JSON, and the ways in which a network or a proxy breaks it."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from baton.local.sandbox.api.idempotency import Answer, Stream
from baton.local.sandbox.engine.active_faults import Fault
from baton.local.sandbox.engine.clock import SandboxClock
from baton.local.sandbox.scenarios.faults import FaultKind, FaultSpec

_TRANSPORT = "sandbox.transport"
_LINGER_ZERO = struct.pack("ii", 1, 0)
"""Value of SO_LINGER that makes the kernel reset the connection on close."""
_PAGE = "<!doctype html><title>Bad gateway</title><p>The origin is not reachable.</p>"


class SandboxProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol that exposes the connection, so that an answer can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put this connection's transport into the scope of its requests."""
        super().connection_made(transport)
        self.app = _with_transport(self.app, transport)


def _with_transport(app: Any, transport: asyncio.Transport) -> Any:
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        scope[_TRANSPORT] = transport
        await app(scope, receive, send)

    return wrapped


async def wait_for_release(fault: Fault[FaultSpec], receive: Receive, clock: SandboxClock) -> bool:
    """Wait until a fault is released or the caller disconnects; return whether the caller is still connected."""
    disconnect = asyncio.create_task(disconnected(receive))
    waits: set[asyncio.Task[Any]] = {disconnect, asyncio.create_task(fault.released.wait())}
    if fault.spec.seconds is not None:
        waits.add(asyncio.create_task(clock.sleep(fault.spec.seconds)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return not disconnect.done()
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def disconnected(receive: Receive) -> None:
    """Wait until the caller disconnects."""
    while (await receive())["type"] != "http.disconnect":
        pass


def json_response(answer: Answer) -> Response:
    """Return the HTTP response of an answer."""
    return JSONResponse(answer.body, answer.status, answer.headers)


class WithheldResponse:
    """A response that is sent once its fault is released, if the caller is still connected."""

    def __init__(self, response: ASGIApp, fault: Fault[FaultSpec], clock: SandboxClock) -> None:
        self._response = response
        self._fault = fault
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the release, then answer unless the caller has left."""
        if await wait_for_release(self._fault, receive, self._clock):
            await self._response(scope, receive, send)


class SilentResponse:
    """No response at all, for a caller who has left."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing."""


class ConnectionReset:
    """A connection reset instead of a response."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reset the connection."""
        reset_connection(scope)
        await disconnected(receive)


def reset_connection(scope: Scope) -> None:
    """Reset the connection of a call."""
    transport: asyncio.Transport = scope[_TRANSPORT]
    connection = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()


class TruncatedResponse:
    """A response that ends in the middle of its body."""

    def __init__(self, response: Response) -> None:
        self._response = response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the first half of the body and close the connection."""
        body = bytes(self._response.body)
        start = {
            "type": "http.response.start",
            "status": self._response.status_code,
            "headers": self._response.raw_headers,
        }
        await send(start)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        scope[_TRANSPORT].close()
        await disconnected(receive)


_BROKEN: dict[FaultKind, Callable[[Response, Fault[FaultSpec], SandboxClock], ASGIApp]] = {
    FaultKind.TIMEOUT_AFTER: WithheldResponse,
    FaultKind.HOLD_AFTER: WithheldResponse,
    FaultKind.RESET: lambda response, fault, clock: ConnectionReset(),
    FaultKind.TRUNCATE: lambda response, fault, clock: TruncatedResponse(response),
    FaultKind.WRONG_CONTENT_TYPE: lambda response, fault, clock: Response(
        _PAGE, response.status_code, media_type="text/html"
    ),
}


def proxy_page(status: int) -> Response:
    """Return the page of something between the caller and the API."""
    return Response(_PAGE, status, media_type="text/html")


def apply_fault(answer: Answer, fault: Fault[FaultSpec] | None, clock: SandboxClock) -> ASGIApp:
    """Return the response of an answer, broken by the fault if there is one."""
    if answer.stream is not None:
        return _apply_to_stream(answer.stream, fault, clock)
    response = json_response(answer)
    broken = _BROKEN.get(fault.spec.kind) if fault else None
    return response if broken is None or fault is None else broken(response, fault, clock)


def _apply_to_stream(stream: Stream, fault: Fault[FaultSpec] | None, clock: SandboxClock) -> ASGIApp:
    if fault is not None and fault.spec.kind in (FaultKind.RESET, FaultKind.WRONG_CONTENT_TYPE):
        return _BROKEN[fault.spec.kind](JSONResponse({}), fault, clock)
    if fault is not None and fault.spec.kind in (FaultKind.TIMEOUT_AFTER, FaultKind.HOLD_AFTER):
        return WithheldResponse(stream(None), fault, clock)
    return stream(fault)
