"""HTTP clients for calls between local processes."""

from typing import Any

import httpx

from baton.bounded_http import certificates


def local_client(*, keepalive: float = 1.0, **options: Any) -> httpx.AsyncClient:
    """Return a client that ignores the environment's proxies, which must not come between local processes.

    Args:
        keepalive: Seconds until an idle connection is given up: well before its server closes it, because a call on
            one that closes just then fails.
        **options: Further arguments of `httpx.AsyncClient`.
    """
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=keepalive)
    return httpx.AsyncClient(trust_env=False, verify=certificates(), limits=limits, **options)
