"""HTTP clients for calls between local processes."""

import functools
import ssl
from typing import Any

import httpx


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Return the system's certificates, cached: loading them is most of what a client costs."""
    return ssl.create_default_context()


def local_client(*, keepalive: float = 1.0, **options: Any) -> httpx.AsyncClient:
    """Return a client that ignores the environment's proxies, which must not come between local processes.

    Args:
        keepalive: Seconds until an idle connection is given up: well before its server closes it, because a call on
            one that closes just then fails.
        **options: Further arguments of `httpx.AsyncClient`.
    """
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=keepalive)
    return httpx.AsyncClient(trust_env=False, verify=_certificates(), limits=limits, **options)
