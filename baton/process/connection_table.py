"""The open connections of an HTTP server: how many there may be, and which one is closed when one too many comes.

A webhook sends its whole request at once. So the connection that has been without a whole request for longest is closed
to admit another, and silent or slow senders, however many, never keep a webhook out. Pure bookkeeping.
"""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Generic, NamedTuple, TypeVar

from baton.process.trusted_proxies import TrustedProxies

ConnectionT = TypeVar("ConnectionT", bound=Hashable)

_SUBNET_BITS = 64
"""Bits of an IPv6 address that its host can choose freely."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections a server holds.

    Attributes:
        total: Connections at the same time.
        per_address: Those of one remote address; of one /64 network for IPv6.
        proxies: Those that many callers come through, so that only `total` bounds them.
    """

    total: int = 1000
    per_address: int = 500
    proxies: TrustedProxies = field(default_factory=TrustedProxies)


class Admission(NamedTuple, Generic[ConnectionT]):
    """What the table says of a new connection.

    Attributes:
        admitted: Whether it may stay.
        replaced: The connection that must be closed in its place, if any.
    """

    admitted: bool
    replaced: ConnectionT | None = None


class ConnectionTable(Generic[ConnectionT]):
    """The connections that are open, by remote address, and which of them still wait for a whole request."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._origins: dict[ConnectionT, str] = {}
        self._counts: Counter[str] = Counter()
        # Dicts for their order: the first connection has waited for longest.
        self._waiting: dict[ConnectionT, None] = {}
        self._waiting_by_origin: dict[str, dict[ConnectionT, None]] = {}

    def __len__(self) -> int:
        return len(self._origins)

    def admit(self, connection: ConnectionT, address: str) -> Admission[ConnectionT]:
        """Add a connection, if need be in place of one that waits; without one to replace it is not added."""
        origin = origin_of(address)
        replaced = None
        if self._counts[origin] >= self._limits.per_address and not self._limits.proxies.trusts(address):
            replaced = next(iter(self._waiting_by_origin.get(origin, ())), None)
        elif len(self._origins) >= self._limits.total:
            replaced = next(iter(self._waiting), None)
        else:
            self._add(connection, origin)
            return Admission(True)
        if replaced is None:
            return Admission(False)
        self.remove(replaced)
        self._add(connection, origin)
        return Admission(True, replaced)

    def set_waiting(self, connection: ConnectionT, waiting: bool) -> None:
        """Note whether a connection waits for a whole request; one that begins to wait has waited the shortest."""
        origin = self._origins.get(connection)
        if origin is None or waiting == (connection in self._waiting):
            return
        if waiting:
            self._waiting[connection] = None
            self._waiting_by_origin.setdefault(origin, {})[connection] = None
        else:
            self._stop_waiting(connection, origin)

    def remove(self, connection: ConnectionT) -> None:
        """Forget a connection; one that is not in the table is ignored."""
        origin = self._origins.pop(connection, None)
        if origin is None:
            return
        self._stop_waiting(connection, origin)
        self._counts[origin] -= 1
        if not self._counts[origin]:
            del self._counts[origin]

    def _add(self, connection: ConnectionT, origin: str) -> None:
        self._origins[connection] = origin
        self._counts[origin] += 1
        self.set_waiting(connection, True)

    def _stop_waiting(self, connection: ConnectionT, origin: str) -> None:
        self._waiting.pop(connection, None)
        of_origin = self._waiting_by_origin.get(origin, {})
        of_origin.pop(connection, None)
        if not of_origin:
            self._waiting_by_origin.pop(origin, None)


def origin_of(address: str) -> str:
    """Return what counts as one remote address: the address itself, or the /64 network of an IPv6 one."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{parsed.packed[: _SUBNET_BITS // 8].hex()}/{_SUBNET_BITS}"
