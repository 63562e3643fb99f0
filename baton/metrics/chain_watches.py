"""Measures the watch of a chain, while this worker has it: another worker may watch the chain next."""

import time
from contextlib import suppress
from typing import Self

from baton.metrics.instruments import CHAIN_ADDRESSES, CHAIN_BEHIND, CHAIN_CAUGHT_UP, CHAIN_SCANS


class ChainMeter:
    """The figures of one chain, from the beginning of a watch to its end. Use it as a context manager.

    Args:
        chain: The chain's name.
    """

    def __init__(self, chain: str) -> None:
        self._chain = chain

    def __enter__(self) -> Self:
        self.note_caught_up(0)
        return self

    def __exit__(self, *_: object) -> None:
        """Show the chain no longer: what stood last would be taken for a chain that falls behind."""
        for gauge in (CHAIN_CAUGHT_UP, CHAIN_ADDRESSES, CHAIN_BEHIND):
            with suppress(KeyError):
                gauge.remove(self._chain)

    def note_scan(self, *, failed: bool) -> None:
        """Count a scan."""
        CHAIN_SCANS.labels(self._chain, "failed" if failed else "ok").inc()

    def note_caught_up(self, addresses: int) -> None:
        """Note that nothing older than now is unseen at so many addresses."""
        CHAIN_CAUGHT_UP.labels(self._chain).set(time.time())
        CHAIN_ADDRESSES.labels(self._chain).set(addresses)

    def note_behind(self, blocks: int | None) -> None:
        """Note how many blocks the last scan is behind the chain's newest one; None if that is unknown."""
        if blocks is not None:
            CHAIN_BEHIND.labels(self._chain).set(blocks)
