"""A free port for a node."""

import socket


def free_port() -> int:
    """Return a loopback port on which nothing listens right now.

    Raises:
        OSError: The system has none left.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
