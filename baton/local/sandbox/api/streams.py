"""Server-sent events about one order: its status at the start, every change, and heartbeats in between.

Source: the partner API reference, SSE. There is no replay. The stream ends with `completed`, `failed` or `refunded`
only: an expired or unfulfilled order keeps it open.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from starlette.routing import Route as HttpRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from baton.local.sandbox.api.answers import disconnected, reset_connection
from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.api.idempotency import Answer
from baton.local.sandbox.engine.active_faults import Fault
from baton.local.sandbox.engine.clock import SandboxClock
from baton.local.sandbox.engine.store import SandboxOrder
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.scenarios.faults import FaultKind, FaultSpec

_CLOSING = ("completed", "failed", "refunded")
_BREAKING = (FaultKind.CUT_STREAM, FaultKind.SILENT_STREAM)
_HEARTBEAT = b"event: heartbeat\ndata: \n\n"
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]


class SandboxStatusStream:
    """The events of one order as a streamed response.

    Args:
        order: The order.
        clock: The sandbox's clock.
        heartbeat: Seconds between two heartbeats.
        flush: Called before every event.
        ending: Set when the sandbox shuts down, which ends the stream.
        fault: Cuts or silences the stream, if there is one.
    """

    def __init__(
        self,
        order: SandboxOrder,
        clock: SandboxClock,
        heartbeat: float,
        flush: Callable[[], None],
        ending: asyncio.Event,
        fault: Fault[FaultSpec] | None,
    ) -> None:
        self._order = order
        self._clock = clock
        self._heartbeat = heartbeat
        self._flush = flush
        self._ending = ending
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the order ends, the caller disconnects or the sandbox shuts down."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        waits = (self._send_events(scope, send), self._ending.wait(), disconnected(receive))
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_events(self, scope: Scope, send: Send) -> None:
        # An empty chunk sends the headers, so that the caller sees the stream open before its first event.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        left = self._fault.spec.events if self._fault else None
        async for event in self._events():
            if left == 0:
                break
            self._flush()
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
            reset_connection(scope)
            await self._ending.wait()

    async def _events(self) -> AsyncIterator[bytes]:
        shown = self._order.shown
        position = len(shown) - 1
        while True:
            changed = self._order.changed
            while position < len(shown):
                yield _status_event(shown[position])
                position += 1
            if shown[-1] in _CLOSING:
                return
            while not await self._changes_before_heartbeat(changed):
                yield _HEARTBEAT

    async def _changes_before_heartbeat(self, changed: asyncio.Event) -> bool:
        """Wait for a change or for the next heartbeat; return whether there was a change."""
        waits = {asyncio.create_task(changed.wait()), asyncio.create_task(self._clock.sleep(self._heartbeat))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return changed.is_set()


class StreamsApi:
    """The handler of event streams."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def operation(self, call: Call) -> Answer:
        """`GET /v1/sse/operations/{orderId}`."""
        order = self._world.store.order(call.path["orderId"], call.owner)

        def stream(fault: Fault[FaultSpec] | None) -> ASGIApp:
            stream_fault = fault if fault is not None and fault.spec.kind in _BREAKING else None
            world, heartbeat = self._world, self._world.options.heartbeat_seconds
            return SandboxStatusStream(order, world.clock, heartbeat, world.memory.flush, world.ending, stream_fault)

        return Answer(200, None, stream=stream)


def stream_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of the streams."""
    operation = gate.endpoint("sse", StreamsApi(world).operation, key_in_query=True)
    return [HttpRoute("/v1/sse/operations/{orderId}", operation)]


def _status_event(status: str) -> bytes:
    data = json.dumps({"status": status}, separators=(",", ":"))
    return f"event: status\ndata: {data}\n\n".encode()
