"""Runs uvicorn inside our own process, for the gateway and the sandbox."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from baton.process.accept_errors import quiet_accept_errors
from baton.process.connection_table import ConnectionLimits, ConnectionTable
from baton.process.guarded_protocol import ConnectionGuard

_BACKLOG = 1024
_DEFAULT_LIMITS = ConnectionLimits()


class CannotListen(Exception):
    """A process cannot listen on its address; the text names the address and the remedy."""


def listen(host: str, port: int, *, who: str = "this process", remedy: str = "choose another port") -> socket.socket:
    """Return a listening socket; with port 0 on a free port.

    Args:
        host: Address to bind.
        port: Port to bind.
        who: Name of the process, for the error.
        remedy: How to choose another address, for the error.

    Raises:
        CannotListen: The port is in use, or the host is not an address of this machine.
    """
    try:
        return _open(host, port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotListen(
            f"{who} cannot listen on {host}:{port}: {reason}. Stop the process that uses the port, or {remedy}."
        ) from None


def _open(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:  # getaddrinfo would take the remainder
        raise OverflowError("a port is a number from 0 to 65535")
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # asyncio turns Nagle's algorithm off only if the protocol is named; otherwise each answer waits 40 ms for an ACK.
    listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn with an event for its start and one for its stop; it leaves signals to the process."""

    def __init__(self, config: uvicorn.Config, grace: float, before_end: Callable[[], None]) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self.stop = asyncio.Event()
        self._grace = grace
        self._before_end = before_end

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        """Refresh the date header every second, as uvicorn does, until `stop` is set."""
        while not self.stop.is_set():
            await self.on_tick(0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut down as uvicorn does, but without its fixed pauses, which would slow down every test."""
        self._before_end()
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._finish_requests()
        await self.lifespan.shutdown()

    async def _finish_requests(self) -> None:
        requests = set(self.server_state.tasks)
        if requests:
            _, unfinished = await asyncio.wait(requests, timeout=self._grace)
            for task in unfinished:
                task.cancel()


@asynccontextmanager
async def serving(
    app: ASGIApp,
    listener: socket.socket,
    *,
    grace: float,
    before_end: Callable[[], None] = lambda: None,
    limits: ConnectionLimits = _DEFAULT_LIMITS,
    **options: Any,
) -> AsyncIterator[None]:
    """Answer requests while the block runs; at its end, accept no new ones and finish the running ones.

    Args:
        app: The application.
        listener: A listening socket; closed at the end.
        grace: Seconds that running requests get to finish.
        before_end: Called first at the end of the block, to release anything that blocks requests.
        limits: How many connections there may be.
        **options: Further options of `uvicorn.Config`; with one of `http`, `limits` has no effect.
    """
    options.setdefault("http", ConnectionGuard(ConnectionTable(limits)).protocol)
    server = _Server(_config(app, options), grace, before_end)
    with quiet_accept_errors(asyncio.get_running_loop()):
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await server.up.wait()
            yield
        finally:
            server.stop.set()
            await task


def _config(app: ASGIApp, options: dict[str, Any]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # a line for each request would include its query string
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        **options,
    )
