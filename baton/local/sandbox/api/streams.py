"""Server-sent events about one order: its status on connecting, every change, and heartbeats in between.

Source: the partner API reference, SSE. There is no replay, and the stream ends with `completed`, `failed` or `refunded`
only: an expired or unfulfilled order keeps it open.
"""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.routing import Route as HttpRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from baton.local.sandbox.admin.fault_board import Fault
from baton.local.sandbox.admin.faults import FaultKind, FaultSpec
from baton.local.sandbox.api.answers import disconnected, reset
from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.api.idempotency import Answer
from baton.local.sandbox.engine.clock import Clock
from baton.local.sandbox.engine.store import SandboxOrder
from baton.local.sandbox.engine.world import SandboxWorld

_CLOSING = ("completed", "failed", "refunded")
_BREAKING = (FaultKind.CUT_STREAM, FaultKind.SILENT_STREAM)
_HEARTBEAT = b"event: heartbeat\ndata: \n\n"
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]


class SandboxStatusStream:
    """The events of one order as an answer that goes on.

    Args:
        order: What it tells of.
        clock: The sandbox's time.
        heartbeat: Seconds between two heartbeats.
        ending: Set when the sandbox ends, and the stream with it.
        fault: Breaks the stream off, or silences it.
    """

    def __init__(
        self, order: SandboxOrder, clock: Clock, heartbeat: float, ending: asyncio.Event, fault: Fault[FaultSpec] | None
    ) -> None:
        self._order = order
        self._clock = clock
        self._heartbeat = heartbeat
        self._ending = ending
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the order's end, the caller's, or the sandbox's."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        works = (self._tell(scope, send), self._ending.wait(), disconnected(receive))
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, scope: Scope, send: Send) -> None:
        # An empty chunk sends the head, so that a stream without events is still a stream.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        left = self._fault.spec.events if self._fault else None
        async for event in self._events():
            if left == 0:
                break
            await send({"type": "http.response.body", "body": event, "more_body": True})
            left = None if left is None else left - 1
            if left == 0:
                break
        if self._fault is not None and left == 0:
            await self._break(self._fault, scope)

    async def _break(self, fault: Fault[FaultSpec], scope: Scope) -> None:
        if fault.spec.kind is FaultKind.SILENT_STREAM:
            await fault.released.wait()
        else:
            reset(scope)
            await self._ending.wait()

    async def _events(self) -> AsyncIterator[bytes]:
        shown = self._order.shown
        told = len(shown) - 1
        while True:
            changed = self._order.changed
            while told < len(shown):
                yield _status_event(shown[told])
                told += 1
            if shown[-1] in _CLOSING:
                return
            while not await self._is_set(changed):
                yield _HEARTBEAT

    async def _is_set(self, changed: asyncio.Event) -> bool:
        """Wait for a change, or for the time of a heartbeat; tell which it was."""
        waits = {asyncio.create_task(changed.wait()), asyncio.create_task(self._clock.sleep(self._heartbeat))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return changed.is_set()


class StreamsApi:
    """The handlers."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def operation(self, call: Call) -> Answer:
        """`GET /v1/sse/operations/{orderId}`."""
        order = self._world.store.order(call.path["orderId"], call.owner)

        def stream(fault: Fault[FaultSpec] | None) -> ASGIApp:
            breaks = fault if fault is not None and fault.spec.kind in _BREAKING else None
            heartbeat = self._world.options.heartbeat_seconds
            return SandboxStatusStream(order, self._world.clock, heartbeat, self._world.ending, breaks)

        return Answer(200, None, stream=stream)


def stream_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of the streams."""
    operation = gate.endpoint("sse", StreamsApi(world).operation, key_in_query=True)
    return [HttpRoute("/v1/sse/operations/{orderId}", operation)]


def _status_event(status: str) -> bytes:
    data = json.dumps({"status": status}, separators=(",", ":"))
    return f"event: status\ndata: {data}\n\n".encode()
