"""uvicorn, run inside our own process: its socket, its start, its end."""

import asyncio
import math
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

_BACKLOG = 1024


class CannotListen(Exception):
    """The address cannot be listened on; the text names it and the remedy."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        CannotListen: The port is taken, or the host is not of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except OSError as error:
        raise CannotListen(
            f"the gateway cannot listen on {host}:{port}: {error.strerror or error}. "
            "Stop what holds the port, or set BATON_GATEWAY_PORT or BATON_BIND."
        ) from None


def address_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn that tells when it is up, and leaves signals to the process: its own handlers end it by the signal."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket, *, grace: float) -> AsyncIterator[None]:
    """Answer requests while the block runs; after it, accept no more and answer those under way.

    Args:
        app: The application.
        listener: A listening socket; closed at the end.
        grace: Seconds that requests under way get to finish.
    """
    server = _Server(_config(app, grace))
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=[listener]))
        await server.up.wait()
        try:
            yield
        finally:
            server.should_exit = True


def _config(app: ASGIApp, grace: float) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # a line per request would name its query string
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=math.ceil(grace),
    )
