"""Who sent a request that came through proxies: what their headers say, believed of listed proxies alone. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_FORWARDED, _FORWARDED_FOR, _FORWARDED_PROTO = b"forwarded", b"x-forwarded-for", b"x-forwarded-proto"
_MOST_HOPS = 20
"""Proxies that a request may have passed; a caller can name any number."""

Headers = Iterable[tuple[bytes, bytes]]
"""Headers of a request as ASGI has them: their names in lower case."""


class TrustedProxies:
    """The proxies whose headers are believed.

    Args:
        networks: Their networks, such as `10.0.0.0/8`.

    Raises:
        ValueError: One is no network.
    """

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, networks))

    def trusts(self, address: str) -> bool:
        """Whether an address is that of a listed proxy."""
        if not self._networks:
            return False
        parsed = _address(address)
        return parsed is not None and any(parsed in network for network in self._networks)

    def client_of(self, peer: str, headers: Headers) -> str:
        """Return the address that sent a request: the last one that no listed proxy has.

        Args:
            peer: The other end of the connection.
            headers: The headers of the request. `X-Forwarded-For` and `Forwarded` must agree: a proxy that writes one
                of them passes on whatever its caller wrote into the other.
        """
        if not self.trusts(peer):
            return peer
        lists = [found for found in (_forwarded_for(headers), _forwarded(headers)) if found]
        senders = {self._last_untrusted(peer, hops) for hops in lists}
        return senders.pop() if len(senders) == 1 else peer

    def is_https(self, peer: str, headers: Headers) -> bool:
        """Whether a listed proxy says that the request reached it over TLS."""
        if not self.trusts(peer):
            return False
        said = [part for value in _values(headers, _FORWARDED_PROTO) for part in value.split(",")]
        return bool(said) and said[-1].strip().lower() == "https"

    def _last_untrusted(self, peer: str, hops: Sequence[str]) -> str:
        sender = peer
        for hop in reversed(hops[-_MOST_HOPS:]):
            parsed = _address(hop)
            if parsed is None:  # hidden or invented: the proxy that named it is the last one that is known
                return sender
            sender = str(parsed)
            if not self.trusts(sender):
                return sender
        return sender


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in a text such as `192.0.2.1`, `192.0.2.1:443` or `[2001:db8::1]:443`; None without one."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed


def _values(headers: Headers, wanted: bytes) -> Iterator[str]:
    return (value.decode("latin-1") for name, value in headers if name == wanted)


def _forwarded_for(headers: Headers) -> list[str]:
    return [hop for value in _values(headers, _FORWARDED_FOR) for hop in value.split(",")]


def _forwarded(headers: Headers) -> list[str]:
    """Return the hops of `Forwarded: for=192.0.2.1;proto=https, for="[2001:db8::1]"`; one without `for` is empty."""
    return [_named_for(hop) for value in _values(headers, _FORWARDED) for hop in value.split(",")]


def _named_for(hop: str) -> str:
    for pair in hop.split(";"):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "for":
            return value
    return ""
