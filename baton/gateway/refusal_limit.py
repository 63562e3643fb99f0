"""How many refusals an address gets in a minute before they become 429s. Pure bookkeeping.

Only refusals count, and only they are replaced: a valid signature, token or link is served whatever came from its
address before, because strangers may share an address with it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from baton.process.connection_table import origin_of

PERIOD = 60.0
"""Seconds for which the limit counts."""

MOST_ADDRESSES = 20_000
"""Addresses that are remembered; the one whose last refusal is the oldest is forgotten first."""


class RefusalLimit:
    """Counts refusals by address; an IPv6 network of 64 bits counts as one.

    Each address has one number: the time at which all its refusals would be over, if they came evenly.

    Args:
        most: Refusals in a minute; 0 for no limit.
        clock: Seconds that only grow.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause = PERIOD / most if most else 0.0
        self._clock = clock
        self._over: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._over)

    def take(self, address: str) -> float:
        """Count a refusal; return 0, or the seconds until the next one if the address has none left."""
        if not self._pause:
            return 0.0
        origin, now = origin_of(address), self._clock()
        over = max(self._over.get(origin, now), now) + self._pause
        # As floats grow coarse, the last refusal of a full minute must still fit.
        wait = over - now - PERIOD
        if wait > 1e-6:
            return wait
        self._over[origin] = over
        self._over.move_to_end(origin)
        if len(self._over) > MOST_ADDRESSES:
            self._over.popitem(last=False)
        return 0.0
