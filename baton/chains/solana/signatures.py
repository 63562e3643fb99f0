"""The transactions of one account that are not behind us yet, and which of them are worth reading."""

from datetime import UTC, datetime, timedelta

from baton.chains.solana.node import Signature, SolanaNode

FINALIZED = "finalized"
CLOCK_SLACK = timedelta(minutes=2)
"""How far a block's time, which is the validators' estimate, may be behind the clock that a watch began by."""

_FIRST_BLOCK = datetime(2020, 3, 16, tzinfo=UTC).timestamp()


async def read_tail(
    calls: SolanaNode, account: str, *, until: str | None, since: datetime, page: int
) -> list[Signature]:
    """Return the transactions of an account after the one named `until`, oldest first.

    Each page begins with the last entry of the one before. A provider that does not know that place, because another
    node answers now, would otherwise seem to have come to the end.

    Raises:
        ChainError: The provider did not answer, or lost its place.
    """
    newest_first = list(await calls.signatures(account, until=until, before=None, limit=page))
    full = len(newest_first) >= page
    while full and not is_older(newest_first[-1], since):
        before = newest_first[-2].signature
        more = await calls.signatures(account, until=until, before=before, limit=page)
        if not more or more[0].signature != newest_first[-1].signature:
            raise calls.broken("getSignaturesForAddress", "lost its place between two pages")
        newest_first += more[1:]
        full = len(more) >= page
    return newest_first[::-1]


def is_older(entry: Signature, since: datetime) -> bool:
    """Tell whether a transaction is from before a time; one without a credible time of its own is not."""
    time = entry.block_time
    return time is not None and _FIRST_BLOCK <= time < (since - CLOCK_SLACK).timestamp()


def can_hold_deposit(entry: Signature, since: datetime) -> bool:
    """Tell whether a transaction must be read: a failed one moved nothing, an older one is of no interest."""
    return entry.err is None and not is_older(entry, since)
