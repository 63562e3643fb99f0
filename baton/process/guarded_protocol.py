"""uvicorn's HTTP protocol with bounds on what senders may hold: connections, seconds and bytes.

uvicorn itself waits for headers without end and keeps any number of them, reads 256 KiB at a time, and waits for ever
for a caller that does not read its response.
"""

import asyncio
import sys
from typing import Any, NoReturn

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from baton.process.connection_table import ConnectionTable
from baton.process.joined_writes import JoinedWrites
from baton.process.log_rates import RateLimitedLog
from baton.process.logs import get_logger
from baton.process.message_rules import (
    FULL,
    HEAD_TOO_LARGE,
    MAX_HEAD,
    MAX_HEADERS,
    MAX_TARGET,
    NOT_HTTP,
    TOO_MANY_HEADERS,
    URL_TOO_LONG,
    MessageRefused,
    check_head,
    refusal_of_unreadable,
    response_to,
)

HEADER_TIMEOUT = 10.0
"""Seconds without a running request: for a new connection's headers, or after a response until the next ones."""
WRITE_TIMEOUT = 30.0
"""Seconds that a caller may leave a response unread once the connection's buffers are full."""
READ_SIZE = 16 * 1024
"""Bytes taken from a connection at a time."""
LINGER = 1.0
"""Seconds for which a refused caller may still send; closed at once, it would lose the response that says why."""

Table = ConnectionTable["GuardedProtocol"]


class ConnectionGuard:
    """What all connections of one server share.

    Args:
        table: The open connections.
        header_timeout: Seconds that a connection may be without a running request.
        write_timeout: Seconds that a full response buffer may stay unread.
    """

    def __init__(
        self, table: Table, *, header_timeout: float = HEADER_TIMEOUT, write_timeout: float = WRITE_TIMEOUT
    ) -> None:
        self.table = table
        self.header_timeout = header_timeout
        self.write_timeout = write_timeout
        # One buffer is enough: what is read into it is copied before anything else is read.
        self.buffer = bytearray(READ_SIZE)
        self._log = RateLimitedLog(get_logger(__name__))

    def protocol(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> asyncio.BaseProtocol:
        """Return the protocol of a new connection; uvicorn calls this with these arguments."""
        return GuardedProtocol(self, config, server_state, app_state, _loop)

    def admit(self, connection: "GuardedProtocol", address: str) -> bool:
        """Return whether a new connection may stay, after closing the one that it replaces, if any."""
        admission = self.table.admit(connection, address)
        if admission.replaced is not None:
            self._log.warning("too many connections: the one that sent no whole request for longest is closed")
            admission.replaced.transport.abort()
        elif not admission.admitted:
            self._log.warning("too many connections: a new one is refused")
        return admission.admitted


class GuardedProtocol(HttpToolsProtocol, asyncio.BufferedProtocol):
    """One connection. It is closed when it is without a running request for too long, or leaves a response unread.

    It needs asyncio's own event loop; uvloop would not ask it for its buffer.
    """

    def __init__(
        self,
        guard: ConnectionGuard,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._guard = guard
        self._idle = _Deadline()
        self._unread = _Deadline()
        self._in_head = False
        self._head = 0
        self._latest = b""
        self._lingering = _Deadline()
        self._refused: MessageRefused | None = None
        self._running: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Admit the connection, or answer 503 and close it."""
        super().connection_made(transport)
        self.transport: Any = JoinedWrites(transport)
        if not self._guard.admit(self, self.client[0] if self.client else ""):
            self._refuse(FULL)
        self._update()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._guard.table.remove(self)
        for deadline in (self._idle, self._unread, self._lingering):
            deadline.end()
        super().connection_lost(exc)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Return where the next bytes are read to."""
        return self._guard.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take in the bytes that were read."""
        if self._refused is not None:
            return
        self._latest = bytes(memoryview(self._guard.buffer)[:nbytes])
        self.data_received(self._latest)
        self._head = self._head + nbytes if self._in_head else 0
        if self._head > MAX_HEAD:
            self._refuse(HEAD_TOO_LARGE)
        self._update()

    def on_message_begin(self) -> None:
        """Begin to count the bytes of a request's head."""
        self._in_head = True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Keep a part of the first line."""
        super().on_url(url)
        if len(self.url) > MAX_TARGET:
            self._give_up(URL_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; those that follow a body are dropped, however many they are."""
        if not self._in_head:
            return
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._give_up(TOO_MANY_HEADERS)

    def on_headers_complete(self) -> None:
        """Start the request."""
        self._in_head = False
        try:
            check_head(self.url, self.parser.get_http_version(), self.headers)
        except MessageRefused as refused:
            self._give_up(refused)
        super().on_headers_complete()
        if self.parser.should_upgrade():
            # No other protocol is served; what follows on this connection could be read as one.
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser cannot read, or what one of its callbacks gave up."""
        unreadable = NOT_HTTP
        if self.cycle is None and isinstance(sys.exception(), httptools.HttpParserInvalidMethodError):
            unreadable = refusal_of_unreadable(self._latest)
        self._refuse(self._refused or unreadable)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: any caller can ask for another protocol, and gets HTTP."""

    def on_response_complete(self) -> None:
        """Start the next deadline; a request that was sent ahead may begin at once."""
        self._idle.stop()
        super().on_response_complete()
        self._update()

    def pause_writing(self) -> None:
        """Give the caller a deadline for reading the response."""
        super().pause_writing()
        self._unread.start(self._guard.write_timeout, self.transport)

    def resume_writing(self) -> None:
        """End that deadline."""
        self._unread.stop()
        super().resume_writing()

    def _give_up(self, refused: MessageRefused) -> NoReturn:
        """End the parsing of a request; the parser then asks for the response to it."""
        self._refused = refused
        raise refused

    def _refuse(self, refused: MessageRefused) -> None:
        """Answer with a refusal and close the connection, once its caller had a moment to read it."""
        if self.transport.is_closing():
            return
        self._refused = refused
        if self._running is not None and not self._running.response_complete:
            if self._running.response_started:
                self.transport.abort()  # the caller would take the refusal for a part of the response that runs
                return
            self._forget_requests(self._running)
        self.transport.write(response_to(refused))
        if refused is FULL:
            self.transport.close()
            return
        self.transport.write_eof()
        self._lingering.start(LINGER, self.transport)

    def _forget_requests(self, running: RequestResponseCycle) -> None:
        """Let the running request end as if its caller had left, and those behind it never begin."""
        self.pipeline.clear()
        running.disconnected = True
        running.message_event.set()

    def _update(self) -> None:
        running = self.cycle is not None and not self.cycle.response_complete
        self._guard.table.set_waiting(self, not running or self.cycle.more_body)
        if running:
            self._idle.stop()
        else:
            self._idle.start(self._guard.header_timeout, self.transport)


class _Deadline:
    """Aborts a connection at its end, unless it is stopped before. Starting it again does not extend it.

    Most are stopped soon and started again soon, so the timer runs on and looks at its end what is due.
    """

    def __init__(self) -> None:
        self._at: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self, seconds: float, transport: asyncio.Transport) -> None:
        if self._at is None:
            loop = asyncio.get_running_loop()
            self._at = loop.time() + seconds
            if self._timer is None:
                self._timer = loop.call_at(self._at, self._ring, transport)

    def stop(self) -> None:
        self._at = None

    def end(self) -> None:
        self._at = None
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _ring(self, transport: asyncio.Transport) -> None:
        self._timer = None
        if self._at is None:
            return
        loop = asyncio.get_running_loop()
        if self._at > loop.time():
            self._timer = loop.call_at(self._at, self._ring, transport)
        else:
            # Not close(), which first waits for the caller to read what is still unsent.
            transport.abort()
