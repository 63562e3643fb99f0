"""Who calls an operation, for the record that an order keeps of what was done to it. Pure."""

from collections.abc import Iterable
from urllib.parse import unquote

from nexusrpc import Link

from baton.encoding.urls import parts_of_url

NEXUS = "nexus"
"""The caller of a request that names none."""

MAX_CALLER = 120
"""Characters that are kept."""


def caller_of(links: Iterable[Link]) -> str:
    """Return the caller's namespace and workflow, such as `nexus:shop/sale-42`, as the caller's server names them."""
    for link in links:
        parts = [unquote(part) for part in parts_of_url(link.url).path.split("/") if part]
        named = dict(zip(parts[::2], parts[1::2], strict=False))
        if "namespaces" in named and "workflows" in named:
            return f"{NEXUS}:{named['namespaces']}/{named['workflows']}"[:MAX_CALLER]
    return NEXUS
