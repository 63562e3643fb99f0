"""The deposit addresses of reusable addresses that a chain's watch reads, kept in memory between its scans.

There may be a hundred thousand of them, and they live for years: reading them all from the ledger at every scan would
cost more than the scan. A count tells whether one was added; what was disabled long ago is dropped now and then.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from baton.chains.deposits import Watch
from baton.ledger.ledger import Ledger
from baton.ledger.rows import SourceAddressRow

AFTER_DISABLING = timedelta(days=31)
"""How long the addresses of a disabled source are still watched: payers keep addresses."""

RELOAD_INTERVAL = 300.0
"""Seconds after which the addresses are read again even if none was added."""

LOAD_SHARE = 10
"""While addresses are added all the time, reading them takes at most one part in so many of the time."""


@dataclass
class AddressWatches:
    """The watched addresses of one chain.

    Attributes:
        watches: What the chain's reader watches.
        owners: The row of each address, by the spelling in its watch.
    """

    watches: list[Watch] = field(default_factory=list)
    owners: dict[str, list[SourceAddressRow]] = field(default_factory=dict)


@dataclass
class _Loaded:
    kept: AddressWatches
    count: int
    at: float
    seconds: float


class AddressWatchCache:
    """The watched addresses of every chain.

    Args:
        ledger: Where they are read from.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._tables = ledger.sources
        self._loaded: dict[str, _Loaded] = {}

    async def of(self, chain: str) -> AddressWatches:
        """Return the addresses to watch on a chain now.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        loaded, now = self._loaded.get(chain), time.monotonic()
        if loaded is not None and now < loaded.at + LOAD_SHARE * loaded.seconds:
            return loaded.kept
        count = await self._tables.address_count(chain)
        if loaded is None or count != loaded.count or now >= loaded.at + RELOAD_INTERVAL:
            loaded = self._loaded[chain] = await self._load(chain, count)
        return loaded.kept

    async def _load(self, chain: str, count: int) -> _Loaded:
        began = time.monotonic()
        rows = await self._tables.watched(chain, datetime.now(UTC) - AFTER_DISABLING)
        kept = AddressWatches()
        for row in rows:
            if row.address not in kept.owners:
                kept.watches.append(Watch(address=row.address, since=row.since))
            kept.owners.setdefault(row.address, []).append(row)
        ended = time.monotonic()
        return _Loaded(kept, count, ended, ended - began)
