"""Which addresses a scan reads: all, or while reusable addresses are very many those of orders alone. Pure.

On EVM chains and Tron a scan costs a call for each thousand addresses. A scan of orders alone leaves the cursor where
it was, so the next scan of all addresses reads the same blocks again and misses nothing.
"""

from collections.abc import Iterable
from math import ceil

from baton.chains.deposits import Scan
from baton.chains.spec import ChainSpec, Family

MANY = 10_000
"""Reusable addresses that every scan reads. Of more of them, each is read as much more rarely as they are more."""

_COST_GROWS = (Family.EVM, Family.TRON)


def pause_between_all(spec: ChainSpec, reusable: int) -> float:
    """Return the seconds from one scan of all addresses to the next; 0 if every scan reads all.

    Args:
        spec: The chain.
        reusable: How many reusable addresses are watched there.
    """
    if spec.family not in _COST_GROWS or reusable <= MANY:
        return 0.0
    return spec.poll_seconds * ceil(reusable / MANY)


def of_orders_alone(scan: Scan, cursor: str, reusable: Iterable[str]) -> Scan:
    """Return a scan of orders alone as one that did not read the others, and after which the cursor stays."""
    return scan._replace(cursor=cursor, unread=scan.unread.union(reusable))
