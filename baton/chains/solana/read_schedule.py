"""Which accounts are worth a look: asking each for its transactions on every scan would be a call per account.

What a hundred accounts hold is told in one call. An account that holds the same as at its last look is left alone,
but only for so long: it may have got something and passed it on since. Kept in memory alone: a new reader looks at
everything once.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from zlib import crc32

from baton.chains.solana.node import Account

LOOKS_AFTER_A_CHANGE = 6
"""Scans for which an account that changed is looked at: the node that lists transactions may lag behind the one that
told the balance."""

Holdings = Mapping[str, Account | None]
"""What accounts hold, None for one that does not exist; an account that is not in it is not known."""


class _Looked(NamedTuple):
    held: Account | None
    mark: str | None
    watch_until: int


class ReadSchedule:
    """What is remembered of accounts between scans.

    Args:
        every: Scans after which each account is looked at, whatever it holds; spread evenly.
    """

    def __init__(self, every: int) -> None:
        self._every = max(every, 1)
        self._scan = -1
        self._looked: dict[str, _Looked] = {}

    def begin(self, accounts: Iterable[str]) -> None:
        """Start a scan of these accounts; others are forgotten."""
        self._scan += 1
        self._looked = {one: self._looked[one] for one in accounts if one in self._looked}

    def is_turn(self, address: str) -> bool:
        """Tell whether it is this address's turn among all."""
        return (crc32(address.encode()) + self._scan) % self._every == 0

    def is_due(self, account: str, held: Holdings, mark: str | None) -> bool:
        """Tell whether an account must be looked at; what is not known to hold the same as before must.

        Args:
            account: The account.
            held: What accounts hold now.
            mark: How far it was read by the cursor. Another mark than at the last look means that what was told then
                was not kept, or that another reader was here: then the account is looked at as well.
        """
        last = self._looked.get(account)
        if last is None or last.mark != mark or self._scan <= last.watch_until or self.is_turn(account):
            return True
        return account not in held or held[account] != last.held

    def looked(self, account: str, held: Holdings, mark: str | None, *, settled: bool) -> None:
        """Remember a look.

        Args:
            account: The account.
            held: What accounts held before the look.
            mark: How far it is read now.
            settled: Whether all that was found is final; what is not is looked at again.
        """
        if account not in held:
            self._looked.pop(account, None)
            return
        now, last = held[account], self._looked.get(account)
        watch_until = self._scan if settled else self._scan + 1
        if last is not None and last.held == now:
            watch_until = max(watch_until, last.watch_until)
        elif now is not None:
            watch_until = self._scan + LOOKS_AFTER_A_CHANGE
        self._looked[account] = _Looked(now, mark, watch_until)
