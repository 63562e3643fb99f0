"""HTTP clients for calls between local processes."""

import functools
import ssl
from typing import Any

import httpx


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Return the system's certificates, cached: loading them is most of what a client costs."""
    return ssl.create_default_context()


_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=1.0)
"""Idle connections are given up well before a server closes them: a call on one that closes just then fails."""


def local_client(**options: Any) -> httpx.AsyncClient:
    """Return a client that ignores the environment's proxies, which must not come between local processes."""
    return httpx.AsyncClient(trust_env=False, verify=_certificates(), limits=_LIMITS, **options)
