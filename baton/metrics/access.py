"""Who may scrape: the bearer of the token, or without a token a caller on this machine."""

import hmac
from collections.abc import Mapping
from ipaddress import ip_address

from baton.secret_values import SecretValue

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers of a proxy: behind one, a caller from anywhere seems to be on this machine."""


class MetricsAccess:
    """Decides who may scrape a process.

    Args:
        host: The address that the process is bound to.
        token: The bearer token of scrapes, if there is one.
    """

    def __init__(self, host: str, token: SecretValue) -> None:
        self._token = token
        self._is_local = _is_loopback(host)

    @property
    def objection(self) -> str | None:
        """Why nobody may scrape; None if somebody may."""
        if self._token.is_set or self._is_local:
            return None
        return (
            "the metrics are not served: without BATON_METRICS_TOKEN only a process that is bound to loopback "
            "serves them. Set BATON_METRICS_TOKEN"
        )

    def allows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request with these headers may scrape; their names are in lower case."""
        if self._token.is_set:
            kind, _, given = headers.get("authorization", "").partition(" ")
            return kind.lower() == "bearer" and hmac.compare_digest(
                given.strip().encode(), self._token.current().encode()
            )
        is_proxied = any(name in headers for name in _FORWARDED)
        # A page of the internet can let its own name point to this machine, and have a browser here read from it.
        return self._is_local and not is_proxied and _is_loopback(_host_name(headers.get("host", "localhost")))


def _host_name(header: str) -> str:
    return header[1:].partition("]")[0] if header.startswith("[") else header.partition(":")[0]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
