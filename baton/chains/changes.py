"""What has changed between what is known of a chain's deposits and a scan: the news that orders are told. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from baton.chains.deposits import Deposit, DepositState, Scan

Key = tuple[str, str, str]
_RANK = {DepositState.GONE: 0, DepositState.SEEN: 1, DepositState.CONFIRMED: 2, DepositState.FINAL: 3}


class News(NamedTuple):
    """A deposit that is new or has changed: as it was known, if it was, and as it is now."""

    before: Deposit | None
    now: Deposit


class Changes(NamedTuple):
    """What a scan says against what was known.

    Attributes:
        told: Deposits that are new, or whose state or block is another one now.
        missing: Deposits that were known and are not there any more; before they count as gone, each is looked at
            once more: a provider that lags behind shows nothing, too.
    """

    told: list[News]
    missing: list[Deposit]


def compare(known: Iterable[Deposit], scan: Scan) -> Changes:
    """Hold a scan against what is known.

    Args:
        known: Every deposit known so far of the transactions in the scan, and every one that is neither final nor gone.
        scan: What the chain shows now. Only one that came up to the head can say that something is missing.
    """
    before = {deposit.key: deposit for deposit in known}
    now = {deposit.key: deposit for deposit in scan.deposits}
    told = [News(before.get(key), deposit) for key, deposit in now.items() if _is_news(before.get(key), deposit)]
    absent = [deposit for key, deposit in before.items() if key not in now]
    return Changes(told, [one for one in absent if scan.caught_up and _was_looked_for(one, scan)])


def _is_news(before: Deposit | None, now: Deposit) -> bool:
    if before is None:
        return True
    if before.state is DepositState.FINAL:
        return False  # some readers tell final deposits again
    return (before.state, before.block_hash, before.block_height) != (now.state, now.block_hash, now.block_height)


def _was_looked_for(deposit: Deposit, scan: Scan) -> bool:
    if deposit.state in (DepositState.FINAL, DepositState.GONE) or deposit.address in scan.unread:
        return False
    # One that was not final when the cursor passed its block, on a long way to the head, is looked at again too.
    return deposit.block_height is None or scan.head is None or deposit.block_height <= scan.head


def merged(scans: Iterable[Scan]) -> Scan:
    """Return what several scans of one way to the head tell together; of a deposit told twice the later one counts.

    Raises:
        ValueError: There is no scan.
    """
    every = list(scans)
    if not every:
        raise ValueError("there is no scan to merge")
    deposits: Mapping[Key, Deposit] = {one.key: one for scan in every for one in scan.deposits}
    lowest = [scan.from_height for scan in every if scan.from_height is not None]
    last = every[-1]
    return last._replace(deposits=list(deposits.values()), from_height=min(lowest, default=None))


def reaches(state: DepositState, wanted: DepositState) -> bool:
    """Tell whether a deposit in that state is as sure as wanted."""
    return _RANK[state] >= _RANK[wanted]
