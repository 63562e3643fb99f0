"""Binding and shutdown of the sandbox."""

import socket
from contextlib import AbstractAsyncContextManager

from baton.local.sandbox.api.answers import SandboxProtocol
from baton.local.sandbox.app import create_app
from baton.local.sandbox.engine.world import SandboxWorld
from baton.process import http_server as server

_GRACE = 2.0
"""Seconds that running calls have to finish at shutdown."""

_KEEP_ALIVE = 60
"""Seconds that an idle connection stays open: far longer than a client keeps one, even a client that stalls."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 picks a free one.

    Raises:
        CannotListen: The port is in use, or the host is not an address of this machine.
    """
    return server.listen(host, port, who="the sandbox", remedy="choose another with --port or BATON_SANDBOX_PORT")


def serving(world: SandboxWorld, listener: socket.socket) -> AbstractAsyncContextManager[None]:
    """Serve a sandbox while the block runs; at its end, withheld answers are released and event streams end."""
    return server.serving(
        create_app(world),
        listener,
        grace=_GRACE,
        before_end=world.release_answers,
        http=SandboxProtocol,
        timeout_keep_alive=_KEEP_ALIVE,
    )
