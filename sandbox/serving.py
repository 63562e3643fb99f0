"""uvicorn, run inside our own process: its socket, its start, its end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn

from sandbox.answers import SandboxProtocol
from sandbox.app import create_app
from sandbox.world import World

_BACKLOG = 1024
_GRACE = 2
"""Seconds that calls under way get to finish."""


class CannotListen(Exception):
    """The address cannot be listened on; the text names it and the remedy."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        CannotListen: The port is taken, or the host is not of this machine.
    """
    try:
        return _open(host, port)
    except (OSError, OverflowError) as error:
        raise CannotListen(
            f"the sandbox cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}. "
            "Stop what holds the port, or give another with --port or BATON_SANDBOX_PORT."
        ) from None


def _open(host: str, port: int) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # asyncio turns Nagle's algorithm off only where the protocol is named; without, each answer waits 40 ms for an ACK.
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
    """uvicorn that tells when it is up, stops at once when told, and leaves signals to the process."""

    def __init__(self, config: uvicorn.Config, world: World) -> None:
        super().__init__(config)
        self._world = world
        self.up = asyncio.Event()
        self.stop = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        """Refresh the date header every second, as uvicorn does, until told to stop."""
        while not self.stop.is_set():
            await self.on_tick(0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End as uvicorn does, but without its fixed pauses, which tests would pay for every sandbox they start."""
        # Withheld answers would keep their connections open for the whole grace.
        self._world.release()
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._finish_calls()
        await self.lifespan.shutdown()

    async def _finish_calls(self) -> None:
        under_way = set(self.server_state.tasks)
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=_GRACE)
            for task in late:
                task.cancel()


@asynccontextmanager
async def serving(world: World, listener: socket.socket) -> AsyncIterator[None]:
    """Serve a sandbox while the block runs.

    Args:
        world: The sandbox.
        listener: A listening socket; closed at the end.
    """
    server = _Server(_config(world), world)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.up.wait()
        yield
    finally:
        server.stop.set()
        await task


def _config(world: World) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(world),
        http=SandboxProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
