"""The limit of failed logins from one address.

A login that succeeds clears nothing: with any token of their own, callers could otherwise try others without end.
"""

import time
from collections import deque
from collections.abc import Callable

from baton.process.connection_table import origin_of

MOST_FAILURES = 10
"""Failed logins that one address may have within `WINDOW`."""

WINDOW = 15 * 60.0
"""Seconds."""

_MOST_KEPT = 10_000


class LoginLimit:
    """Counts failed logins by address; an IPv6 network of 64 bits counts as one address.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}

    def wait(self, address: str) -> float:
        """Return how many seconds an address must wait before its next attempt; 0 if it may try now."""
        failures = self._failures.get(origin_of(address), deque())
        now = self._clock()
        while failures and failures[0] <= now - WINDOW:
            failures.popleft()
        return failures[0] + WINDOW - now if len(failures) >= MOST_FAILURES else 0.0

    def failed(self, address: str) -> None:
        """Count a failed login."""
        key = origin_of(address)
        failures = self._failures.pop(key, deque(maxlen=MOST_FAILURES))
        failures.append(self._clock())
        self._failures[key] = failures  # the last one to fail is the last one to be forgotten
        while len(self._failures) > _MOST_KEPT:
            del self._failures[next(iter(self._failures))]
