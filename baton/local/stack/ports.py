"""The ports that the local stack listens on, and whether they are free."""

import errno
import socket
from contextlib import ExitStack
from dataclasses import dataclass

from baton.local.stack.errors import PortTaken
from baton.settings import Settings

LOOPBACK = "127.0.0.1"
UI_OFFSET = 1000
"""Temporal's own rule: the port of its UI is this much above the server's."""

_LAST_PORT = 65535
_TAKEN = "is taken"


@dataclass(frozen=True)
class _Role:
    """A part that listens, and the field of `Settings` that chooses its port."""

    owner: str
    field: str

    @property
    def setting(self) -> str:
        return f"BATON_{self.field.upper()}"


_ROLES = {
    "gateway": _Role("the gateway", "gateway_port"),
    "sandbox": _Role("the sandbox", "sandbox_port"),
    "temporal": _Role("the Temporal server", "temporal_port"),
    "temporal_ui": _Role(f"the Temporal UI ({UI_OFFSET} above the server)", "temporal_port"),
}


@dataclass(frozen=True)
class Ports:
    """One port for each listening part of the stack."""

    gateway: int
    sandbox: int
    temporal: int
    temporal_ui: int


def fixed_ports(settings: Settings) -> Ports:
    """Return the ports from the settings or their defaults, for a stack that keeps its addresses."""
    return Ports(
        gateway=settings.gateway_port,
        sandbox=settings.sandbox_port,
        temporal=settings.temporal_port,
        temporal_ui=settings.temporal_port + UI_OFFSET,
    )


def throwaway_ports(settings: Settings) -> Ports:
    """Return free ports for a short-lived stack, except for ports that are set explicitly.

    Raises:
        OSError: The system has no free port left.
    """
    fixed = fixed_ports(settings)
    chosen = {
        name: getattr(fixed, name) if role.field in settings.model_fields_set else free
        for (name, role), free in zip(_ROLES.items(), free_ports(len(_ROLES)), strict=True)
    }
    return Ports(**chosen)


def free_ports(count: int) -> list[int]:
    """Return that many different loopback ports that are free at the moment.

    Raises:
        OSError: The system has no free port left.
    """
    with ExitStack() as exits:
        # All of them stay open until every port is known; otherwise the system could return a port twice.
        sockets = [exits.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind((LOOPBACK, 0))
        return [listener.getsockname()[1] for listener in sockets]


def require_free(name: str, port: int, host: str = LOOPBACK) -> None:
    """Make sure that a part of the stack can listen on its port.

    Args:
        name: The part, as a field name of `Ports`.
        port: Its port.
        host: The address that it binds.

    Raises:
        PortTaken: It cannot; the text names the port, the reason, the setting and the remedy.
    """
    reason = _obstacle(port, host)
    if reason is None:
        return
    role = _ROLES[name]
    remedy = "Stop what listens there, or choose" if reason == _TAKEN else "Choose"
    raise PortTaken(
        port=port,
        owner=role.owner,
        setting=role.setting,
        reason=reason,
        remedy=f"{remedy} another port with {role.setting}.",
    )


def _obstacle(port: int, host: str) -> str | None:
    if not 0 < port <= _LAST_PORT:
        return f"is not a port number (1 to {_LAST_PORT})"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # Servers set this option too. Without it, the port of a server that has just stopped would look taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return _TAKEN if error.errno == errno.EADDRINUSE else f"cannot be used on {host} ({error.strerror})"
    return None
