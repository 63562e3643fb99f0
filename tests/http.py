"""The HTTP client of tests."""

from typing import Any

import httpx

from baton.bounded_http import certificates


def http_client(**options: Any) -> httpx.AsyncClient:
    """Return a client with the authorities of the process; httpx would load them again, which takes 20 ms."""
    return httpx.AsyncClient(verify=certificates(), **options)
