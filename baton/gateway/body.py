"""Request bodies, limited in size, time and number before anything reads them."""

import asyncio
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from baton.gateway.errors import EdgeError, TryLater

MAX_BODY = 1024 * 1024
"""Bytes; a webhook of an order has some kilobytes."""
BODY_TIMEOUT = 10.0
"""Seconds that a body may take to arrive."""
LARGE = 16 * 1024
"""Bytes above which a body is large."""
MAX_LARGE_BODIES = 32
"""Large bodies that may be on their way at the same time."""

# Without this, the rest of a refused body would have to be read before the connection can be used again.
_CLOSE = {"Connection": "close"}


@dataclass(eq=False, slots=True)
class _Arrival:
    """A body on its way, and whether it was given up for another."""

    deadline: asyncio.Timeout
    given_up: bool = False

    def give_up(self) -> None:
        self.given_up = True
        self.deadline.reschedule(asyncio.get_running_loop().time())


class BodyReader:
    """Reads raw bodies, before their signature says whether their sender may be believed.

    At most `large_bodies` bodies of more than `LARGE` bytes are held at a time. One more replaces the one that has been
    on its way for longest: a genuine sender needs a moment for its body, so one that needs long is given up first.

    Args:
        limit: Bytes of one body.
        seconds: How long a whole body may take.
        large_bodies: Large bodies on their way at the same time.
    """

    def __init__(
        self, *, limit: int = MAX_BODY, seconds: float = BODY_TIMEOUT, large_bodies: int = MAX_LARGE_BODIES
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._most_large = large_bodies
        self._large: dict[_Arrival, None] = {}  # a dict for its order: the oldest comes first

    async def read(self, request: Request) -> bytes:
        """Return the raw body of a request; nothing must have read it yet.

        Raises:
            EdgeError: 413 for a body that is too large, 408 for one that does not arrive in time.
            TryLater: 503 for a large one that was given up for another.
            ClientDisconnect: The caller closed the connection.
        """
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._limit:
            raise self._too_large()
        arrival = _Arrival(asyncio.timeout(self._seconds))
        try:
            async with arrival.deadline:
                return await self._collect(request, arrival)
        except TimeoutError:
            raise self._unfinished(arrival) from None
        finally:
            self._large.pop(arrival, None)

    async def _collect(self, request: Request, arrival: _Arrival) -> bytes:
        body, is_whole = bytearray(), False
        # Not `request.stream()`, which takes several times as long for the one message that most bodies are.
        while not is_whole:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect()
            body += message.get("body", b"")
            is_whole = not message.get("more_body", False)
            if len(body) > self._limit:
                raise self._too_large()
            if len(body) > LARGE and arrival not in self._large:
                self._make_room()
                self._large[arrival] = None
        return bytes(body)

    def _make_room(self) -> None:
        if len(self._large) >= self._most_large:
            oldest = next(iter(self._large))
            del self._large[oldest]
            oldest.give_up()

    def _too_large(self) -> EdgeError:
        message = f"the body is larger than {self._limit} bytes"
        return EdgeError(413, "too_large", message, remedy="send less", headers=_CLOSE)

    def _unfinished(self, arrival: _Arrival) -> EdgeError:
        if arrival.given_up:
            return TryLater("too_many_bodies", "too many large bodies are on their way", headers=_CLOSE)
        message = f"the body did not arrive within {self._seconds:g} s"
        return EdgeError(408, "request_timeout", message, headers=_CLOSE)
