"""An order's statuses as server-sent events, for deployments that no webhook can reach.

The stream is only a reason to read the status, which is the truth. It has no memory: it never repeats what happened
while nobody was connected, but it starts every connection with the present status. The key is sent in a header, so no
URL contains one. Source: the partner API reference, SSE, and the event stream format of WHATWG
HTML.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from baton.orchestra.connection import Connection, path_part
from baton.orchestra.errors import MalformedAnswer
from baton.orchestra.json_body import parse_json
from baton.orchestra.lifecycle import is_hard_end

HEARTBEAT_TIMEOUT = 45.0
"""Seconds of silence after which a stream counts as dead; the API sends a heartbeat every 15."""

MAX_EVENT = 64 * 1024
"""Largest size of one event, in bytes."""

CALL = "GET /v1/sse/operations"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event of a stream: its data, and its name, which is `message` where the stream gives none."""

    name: str
    data: str


class EventParser:
    """Turns the bytes of an event stream into events, wherever the chunks are cut."""

    def __init__(self) -> None:
        self._tail = b""
        self._begun = False
        self._after_cr = False
        self._name = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Read the next bytes and return the events that they complete.

        Raises:
            ValueError: An event is larger than `MAX_EVENT`.
        """
        *lines, self._tail = _LINE_END.split(self._joined(chunk))
        events = [event for line in lines if (event := self._line(line)) is not None]
        if self._size + len(self._tail) > MAX_EVENT:
            raise ValueError(f"an event is larger than {MAX_EVENT} bytes")
        return events

    def _joined(self, chunk: bytes) -> bytes:
        """Return the bytes that are not read yet. The two characters of a line end may come in two chunks."""
        if self._after_cr:
            chunk, self._after_cr = chunk.removeprefix(b"\n"), not chunk
        self._after_cr = self._after_cr or chunk.endswith(b"\r")
        waiting = self._tail + chunk
        if self._begun or _BOM.startswith(waiting):
            return waiting
        self._begun = True
        return waiting.removeprefix(_BOM)

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatched()
        name, _, value = line.partition(b":")
        self._field(name, value.removeprefix(b" ").decode(errors="replace"))
        return None

    def _field(self, name: bytes, value: str) -> None:
        if name == b"event":
            self._name = value
        elif name == b"data":
            self._data.append(value)
            self._size += len(value) + 1
            if self._size > MAX_EVENT:
                raise ValueError(f"an event is larger than {MAX_EVENT} bytes")

    def _dispatched(self) -> Event | None:
        event = Event(self._name or "message", "\n".join(self._data)) if self._data else None
        self._name, self._data, self._size = "", [], 0
        return event


def read_status(data: str) -> str:
    """Return the status in the data of a `status` event.

    Raises:
        ValueError: There is no status in it.
    """
    document = parse_json(data.encode())
    status = document.get("status") if isinstance(document, dict) else None
    if not isinstance(status, str) or not status:
        raise ValueError("a status event without a status")
    return status


def _malformed(fault: str) -> MalformedAnswer:
    return MalformedAnswer("malformed_answer", f"the answer to {CALL} cannot be read: {fault}")


class StatusStream(Connection):
    """The call that streams one order's statuses."""

    async def statuses(self, order_id: str, *, silence: float = HEARTBEAT_TIMEOUT) -> AsyncGenerator[str, None]:
        """Yield the order's public status at once and on every change, until the server closes or the order ends.

        `unfulfilled` does not end the stream, since a late deposit may resume the order. Every stream keeps a
        connection open: close the generator (`contextlib.aclosing`) when leaving it early. Nothing is retried here:
        after an error or an early end, connect again, at most 30 times a minute, and fall back to status reads.

        Args:
            order_id: The order to follow.
            silence: Seconds without a byte, heartbeats included, after which the stream counts as dead.

        Raises:
            ValueError: `order_id` is empty or would change the path.
            NoAnswer: The host could not be reached, the connection broke, or the stream was silent for too long.
            MalformedAnswer: The answer is not an event stream, or a status event has no status.
            ErrorAnswer: The API refused; `NotFound` for an order that is unknown or another partner's.
        """
        path = f"/v1/sse/operations/{path_part('order_id', order_id)}"
        async with aclosing(self._events(path, silence)) as events:
            async for event in events:
                if event.name == "status":
                    status = _status_of(event)
                    yield status
                    if is_hard_end(status):
                        return

    async def _events(self, path: str, silence: float) -> AsyncGenerator[Event, None]:
        parser = EventParser()
        async with self._opened(path, "text/event-stream", CALL) as response:
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if kind != "text/event-stream":
                raise _malformed("it is not an event stream")
            async with aclosing(self._chunks(response, CALL, silence)) as chunks:
                async for chunk in chunks:
                    for event in _parsed(parser, chunk):
                        yield event


def _parsed(parser: EventParser, chunk: bytes) -> list[Event]:
    try:
        return parser.feed(chunk)
    except ValueError as error:
        raise _malformed(str(error)) from None


def _status_of(event: Event) -> str:
    try:
        return read_status(event.data)
    except ValueError as error:
        raise _malformed(str(error)) from None
