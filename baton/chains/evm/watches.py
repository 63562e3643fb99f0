"""The watches of one scan, by raw address and by digest. Pure."""

from collections.abc import Iterable, Sequence

from baton.chains.deposits import Watch
from baton.chains.evm.codec import Codec
from baton.chains.evm.cursor import digest

CLOCK_SLACK = 30
"""Seconds by which this host's clock may be ahead of the time in a block."""


class WatchedAddresses:
    """The watches of one scan.

    Attributes:
        spellings: By raw address, the spelling in its first watch.
        since: By raw address, the time when its earliest watch begins, in seconds since 1970.
        by_digest: By digest of a watch, its raw address and the time when it begins.
        invalid: Addresses that are none on this chain.
    """

    def __init__(self, watches: Sequence[Watch], codec: Codec) -> None:
        self.spellings: dict[str, str] = {}
        self.since: dict[str, int] = {}
        self.by_digest: dict[str, tuple[str, int]] = {}
        self.invalid = frozenset(watch.address for watch in watches if codec.encode(watch.address) is None)
        for watch in watches:
            address = codec.encode(watch.address)
            if address is not None:
                since = int(watch.since.timestamp()) - CLOCK_SLACK
                self.spellings.setdefault(address, watch.address)
                self.since[address] = min(since, self.since.get(address, since))
                self.by_digest[digest(address, watch.since)] = (address, since)

    def since_of(self, digests: Iterable[str]) -> dict[str, int]:
        """Return the raw addresses of some watches, each with the time when the watch begins."""
        return dict(self.by_digest[name] for name in digests if name in self.by_digest)
