"""The limit of failed logins from one address."""

import ipaddress
import time
from collections import deque
from collections.abc import Callable

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
        failures = self._failures.get(_counted(address), deque())
        now = self._clock()
        while failures and failures[0] <= now - WINDOW:
            failures.popleft()
        return failures[0] + WINDOW - now if len(failures) >= MOST_FAILURES else 0.0

    def failed(self, address: str) -> None:
        """Count a failed login."""
        key = _counted(address)
        failures = self._failures.pop(key, deque(maxlen=MOST_FAILURES))
        failures.append(self._clock())
        self._failures[key] = failures  # the last one to fail is the last one to be forgotten
        while len(self._failures) > _MOST_KEPT:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, address: str) -> None:
        """Forget the failures of an address."""
        self._failures.pop(_counted(address), None)


def _counted(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))
