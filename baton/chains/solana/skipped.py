"""Transactions that could not be read: which ones are tried again in a scan. Pure.

A transaction of a newer version, or one that the provider answers with null or in a shape of its own, is stepped over,
so that it hides no later one. The cursor keeps its signature; in memory is only how often it was tried.
"""

from collections.abc import Iterable
from typing import NamedTuple

MAX_SKIPPED = 20
"""How many skipped transactions the cursor keeps for an address. Beyond it, the position stays below the next one."""

_LONGEST_PAUSE = 360
"""Most scans between two tries: an hour at the usual interval."""


class _Tries(NamedTuple):
    failures: int
    next_scan: int
    fault: str


class SkippedTransactions:
    """How often each skipped transaction was tried: at each of the next scans first, then ever more rarely."""

    def __init__(self) -> None:
        self._scan = 0
        self._tries: dict[str, _Tries] = {}

    def begin_scan(self, signatures: Iterable[str]) -> None:
        """Begin a scan in which these transactions are skipped; all others are forgotten."""
        self._scan += 1
        self._tries = {signature: self._tries[signature] for signature in signatures if signature in self._tries}

    def is_due(self, signature: str) -> bool:
        """Whether a transaction is tried in this scan; one that this reader has not tried yet is."""
        return signature not in self._tries or self._tries[signature].next_scan <= self._scan

    def failed(self, signature: str, fault: str) -> None:
        """Record that a transaction could not be read, and why."""
        before = self._tries.get(signature, _Tries(0, 0, ""))
        if before.next_scan > self._scan:
            return  # another address of the same transaction met it in this scan
        pause = min(2 ** min(before.failures, 10), _LONGEST_PAUSE)
        self._tries[signature] = _Tries(before.failures + 1, self._scan + pause, fault)

    def sentence(self, signature: str) -> str:
        """Return the sentence that names a transaction and why it cannot be read."""
        tries = self._tries.get(signature)
        return f"transaction {signature} cannot be read" + (f": {tries.fault}" if tries else "")
