"""Answers on the wire: JSON as it should be, and the ways in which a network or a proxy spoils it."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from baton.local.sandbox.admin.fault_board import Fault
from baton.local.sandbox.admin.faults import FaultKind, FaultSpec
from baton.local.sandbox.api.idempotency import Answer, Stream
from baton.local.sandbox.engine.clock import Clock

_TRANSPORT = "sandbox.transport"
_LINGER_ZERO = struct.pack("ii", 1, 0)
_PAGE = "<!doctype html><title>Bad gateway</title><p>The origin is not reachable.</p>"


class SandboxProtocol(H11Protocol):
    """uvicorn's HTTP protocol with the connection within reach, so that an answer can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let the application see this connection's transport in its scope."""
        super().connection_made(transport)
        self.app = _with_transport(self.app, transport)


def _with_transport(app: Any, transport: asyncio.Transport) -> Any:
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        scope[_TRANSPORT] = transport
        await app(scope, receive, send)

    return wrapped


async def hold(fault: Fault[FaultSpec], receive: Receive, clock: Clock) -> bool:
    """Wait until a fault lets go or the caller leaves; tell whether the caller is still there."""
    leaving = asyncio.create_task(disconnected(receive))
    waits: set[asyncio.Task[Any]] = {leaving, asyncio.create_task(fault.released.wait())}
    if fault.spec.seconds is not None:
        waits.add(asyncio.create_task(clock.sleep(fault.spec.seconds)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return not leaving.done()
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def disconnected(receive: Receive) -> None:
    """Wait until the caller leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass


def wire(answer: Answer) -> Response:
    """Return an answer as it should be."""
    return JSONResponse(answer.body, answer.status, answer.headers)


class Withheld:
    """An answer that is sent once its fault is released, if the caller still waits."""

    def __init__(self, response: ASGIApp, fault: Fault[FaultSpec], clock: Clock) -> None:
        self._response = response
        self._fault = fault
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, late or never."""
        if await hold(self._fault, receive, self._clock):
            await self._response(scope, receive, send)


class Silence:
    """No answer to a caller who has left."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing."""


class Reset:
    """No answer: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Break the connection."""
        reset(scope)
        await disconnected(receive)


def reset(scope: Scope) -> None:
    """Reset the connection of a call."""
    transport: asyncio.Transport = scope[_TRANSPORT]
    connection = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()


class Truncated:
    """An answer that ends in the middle of its body."""

    def __init__(self, response: Response) -> None:
        self._response = response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the first half and close."""
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


_SPOILERS: dict[FaultKind, Callable[[Response, Fault[FaultSpec], Clock], ASGIApp]] = {
    FaultKind.TIMEOUT_AFTER: Withheld,
    FaultKind.HOLD_AFTER: Withheld,
    FaultKind.RESET: lambda response, fault, clock: Reset(),
    FaultKind.TRUNCATE: lambda response, fault, clock: Truncated(response),
    FaultKind.WRONG_CONTENT_TYPE: lambda response, fault, clock: Response(
        _PAGE, response.status_code, media_type="text/html"
    ),
}


def spoiled(answer: Answer, fault: Fault[FaultSpec] | None, clock: Clock) -> ASGIApp:
    """Return an answer as the fault lets it out."""
    if answer.stream is not None:
        return _spoiled_stream(answer.stream, fault, clock)
    spoil = _SPOILERS.get(fault.spec.kind) if fault else None
    return wire(answer) if spoil is None or fault is None else spoil(wire(answer), fault, clock)


def _spoiled_stream(stream: Stream, fault: Fault[FaultSpec] | None, clock: Clock) -> ASGIApp:
    if fault is not None and fault.spec.kind in (FaultKind.RESET, FaultKind.WRONG_CONTENT_TYPE):
        return _SPOILERS[fault.spec.kind](JSONResponse({}), fault, clock)
    if fault is not None and fault.spec.kind in (FaultKind.TIMEOUT_AFTER, FaultKind.HOLD_AFTER):
        return Withheld(stream(None), fault, clock)
    return stream(fault)
