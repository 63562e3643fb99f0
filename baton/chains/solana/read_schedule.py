"""Which accounts a scan reads: listing every account's transactions on every scan would be one call per account.

One call returns the balances of a hundred accounts. An account whose balance is the same as at its last read is
skipped, but not for ever: it may have received something and passed it on. The schedule is in memory only, so a new
reader reads every account once.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from zlib import crc32

from baton.chains.solana.node import Account

READS_AFTER_A_CHANGE = 6
"""Scans that still read an account after its balance changed: the node that lists transactions may lag behind the node
that returned the balance."""

Balances = Mapping[str, Account | None]
"""Balances by account, None for an account that does not exist; an account that is not in it has an unknown balance."""


class _LastRead(NamedTuple):
    balance: Account | None
    position: str | None
    read_until: int
    """The last scan that reads the account even if its balance stays the same."""


class ReadSchedule:
    """What is remembered of accounts between scans.

    Args:
        every: Scans within which each account is read once even if its balance is the same; spread evenly.
    """

    def __init__(self, every: int) -> None:
        self._every = max(every, 1)
        self._scan = -1
        self._last_reads: dict[str, _LastRead] = {}

    def begin_scan(self, accounts: Iterable[str]) -> None:
        """Begin a scan of these accounts; all others are forgotten."""
        self._scan += 1
        self._last_reads = {account: self._last_reads[account] for account in accounts if account in self._last_reads}

    def is_turn(self, address: str) -> bool:
        """Whether this scan is the regular turn of an address."""
        return (crc32(address.encode()) + self._scan) % self._every == 0

    def is_due(self, account: str, balances: Balances, position: str | None) -> bool:
        """Whether an account must be read; it must unless its balance is known to be the same as at the last read.

        Args:
            account: The account.
            balances: The balances now.
            position: How far the cursor says it was read. If it differs from the last read's position, the deposits of
                that read were not stored, or another reader was used meanwhile: then the account is due as well.
        """
        last = self._last_reads.get(account)
        if last is None or last.position != position or self._scan <= last.read_until or self.is_turn(account):
            return True
        return account not in balances or balances[account] != last.balance

    def record_read(self, account: str, balances: Balances, position: str | None, *, settled: bool) -> None:
        """Remember a read.

        Args:
            account: The account.
            balances: The balances before the read.
            position: How far the account is read now.
            settled: Whether all its transactions are final; otherwise the next scan reads it again.
        """
        if account not in balances:
            self._last_reads.pop(account, None)
            return
        balance, last = balances[account], self._last_reads.get(account)
        read_until = self._scan if settled else self._scan + 1
        if last is not None and last.balance == balance:
            read_until = max(read_until, last.read_until)
        elif balance is not None:
            read_until = self._scan + READS_AFTER_A_CHANGE
        self._last_reads[account] = _LastRead(balance, position, read_until)
