"""What changed between the known deposits of a chain and a scan: the news for its orders. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from baton.chains.deposits import NATIVE, Deposit, DepositState, Scan


class News(NamedTuple):
    """A deposit that is new or has changed: as it was known (None if it was not), and as it is now."""

    before: Deposit | None
    now: Deposit


class Changes(NamedTuple):
    """How a scan differs from the known deposits.

    Attributes:
        news: Deposits that are new, or whose amount, name, state or block changed. Those that are gone come first, so
            that an order never counts a deposit twice.
        missing: Known deposits that the scan lacks. A provider that lags behind lacks them too, so each is rechecked
            before it counts as gone.
    """

    news: list[News]
    missing: list[Deposit]


def compare(known: Iterable[Deposit], scan: Scan) -> Changes:
    """Compare a scan with the known deposits.

    Args:
        known: Every known deposit of the transactions in the scan, and every one that is neither final nor gone.
        scan: What the chain shows now. A deposit can only be missing from a scan that reached the head.
    """
    before = {deposit.key: deposit for deposit in known}
    now = {deposit.key: deposit for deposit in scan.deposits}
    news = [News(before.get(key), deposit) for key, deposit in now.items() if _is_news(before.get(key), deposit)]
    absent = [deposit for key, deposit in before.items() if key not in now and deposit.state is not DepositState.GONE]
    shown = {_payment(deposit) for deposit in scan.deposits if deposit.asset != NATIVE}
    renamed = [News(deposit, gone(deposit)) for deposit in absent if _payment(deposit) in shown]
    missing = [deposit for deposit in absent if _payment(deposit) not in shown and _was_expected(deposit, scan)]
    return Changes([*renamed, *news], missing)


def gone(deposit: Deposit) -> Deposit:
    """Return a deposit as one that is no longer on the chain."""
    return deposit.model_copy(update={"state": DepositState.GONE, "confirmations": 0})


def _payment(deposit: Deposit) -> tuple[str, str, str]:
    """Return what only one deposit of tokens can be, whatever its index: it was reported under another one before."""
    return deposit.tx_id, deposit.address, deposit.asset


def _is_news(before: Deposit | None, now: Deposit) -> bool:
    if before is None or before.amount != now.amount or (now.symbol and before.symbol != now.symbol):
        return True
    if before.state is DepositState.FINAL:
        return False  # some readers report final deposits on every scan
    return (before.state, before.block_hash, before.block_height) != (now.state, now.block_hash, now.block_height)


def _was_expected(deposit: Deposit, scan: Scan) -> bool:
    if not (scan.caught_up and scan.proves_absence):
        return False
    if deposit.state is DepositState.FINAL or deposit.address in scan.unread:
        return False
    # Below the cursor too: a long catch-up can pass a block before the deposit in it is known as final.
    return deposit.block_height is None or scan.head is None or deposit.block_height <= scan.head


def merged(scans: Iterable[Scan]) -> Scan:
    """Return successive scans as one; of a deposit that two of them report, the later report counts.

    Raises:
        ValueError: There is no scan.
    """
    scans = list(scans)
    if not scans:
        raise ValueError("there is no scan to merge")
    deposits = {deposit.key: deposit for scan in scans for deposit in scan.deposits}
    return scans[-1]._replace(
        deposits=list(deposits.values()),
        proves_absence=all(scan.proves_absence for scan in scans),
        unreadable=tuple(dict.fromkeys(sentence for scan in scans for sentence in scan.unreadable)),
    )
