"""What a watch reports of itself with its heartbeats: how far it is, and how the chain's providers are doing.

The health of a chain is read from there, so it costs no write of its own.
"""

from datetime import UTC, datetime

from baton.chains.deposits import Reader, Scan
from baton.chains.errors import ChainError
from baton.chains.failover import FailoverReader
from baton.chains.provider_state import ProviderState
from baton.orders.watch_messages import Watched

_CONTINUED = {"head", "head_at", "scanned_at", "caught_up_at", "behind", "failing_since", "trouble", "providers"}
"""What the next stretch begins with; the rest are figures of one stretch."""


def continued(before: Watched) -> Watched:
    """Return the figures with which a stretch begins after another."""
    return Watched(**before.model_dump(include=_CONTINUED))


def note_scan(watched: Watched, scan: Scan, reader: Reader) -> None:
    """Note a scan that got an answer."""
    now = datetime.now(UTC)
    if watched.head != scan.head or watched.head_at is None:
        watched.head_at = now
    watched.scans, watched.head = watched.scans + 1, scan.head
    watched.scanned_at, watched.failing_since = now, None
    if scan.caught_up:
        watched.caught_up_at = now
    watched.behind = _behind(scan)
    watched.providers = _states(reader)


def note_failure(watched: Watched, error: ChainError, reader: Reader) -> None:
    """Note that no provider answered."""
    watched.trouble = error.message
    watched.failing_since = watched.failing_since or datetime.now(UTC)
    watched.providers = _states(reader)


def _behind(scan: Scan) -> int | None:
    if scan.tip is not None and scan.head is not None:
        return max(scan.tip - scan.head, 0)
    return 0 if scan.caught_up else None


def _states(reader: Reader) -> list[ProviderState]:
    return reader.states() if isinstance(reader, FailoverReader) else []
