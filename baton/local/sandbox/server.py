"""How a sandbox is served: on which socket, and with what let go of at its end."""

import socket
from contextlib import AbstractAsyncContextManager

from baton.local.sandbox.api.answers import SandboxProtocol
from baton.local.sandbox.app import create_app
from baton.local.sandbox.engine.world import SandboxWorld
from baton.process import http_server as server

_GRACE = 2.0
"""Seconds that calls under way get to finish."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        CannotListen: The port is taken, or the host is not of this machine.
    """
    return server.listen(host, port, who="the sandbox", remedy="give another with --port or BATON_SANDBOX_PORT")


def serving(world: SandboxWorld, listener: socket.socket) -> AbstractAsyncContextManager[None]:
    """Serve a sandbox while the block runs; answers that it withholds are released at the end."""
    return server.serving(create_app(world), listener, grace=_GRACE, before_end=world.release, http=SandboxProtocol)
