"""The transactions of one account that its position does not cover yet, and which of them to read."""

from datetime import UTC, datetime, timedelta

from baton.chains.solana.node import Signature, SolanaNode

CLOCK_SLACK = timedelta(minutes=2)
"""How far a block's time, which the validators estimate, may be behind the clock that set a watch's `since`."""

_FIRST_BLOCK = datetime(2020, 3, 16, tzinfo=UTC).timestamp()


async def read_signatures(
    node: SolanaNode, account: str, *, until: str | None, since: datetime, page: int
) -> list[Signature]:
    """Return the transactions of an account after the one named `until`, oldest first.

    Each page begins with the last entry of the one before. Otherwise an empty page of a provider that does not know
    that entry, because another node answers now, would look like the end of the list.

    Raises:
        ChainError: The provider did not answer, or does not know the entry where the next page begins.
    """
    newest_first = list(await node.signatures(account, until=until, before=None, limit=page))
    is_full = len(newest_first) >= page
    while is_full and not is_older(newest_first[-1], since):
        before = newest_first[-2].signature
        next_page = await node.signatures(account, until=until, before=before, limit=page)
        if not next_page or next_page[0].signature != newest_first[-1].signature:
            raise node.broken("getSignaturesForAddress", "lost its place between two pages")
        newest_first += next_page[1:]
        is_full = len(next_page) >= page
    return newest_first[::-1]


def is_older(entry: Signature, since: datetime) -> bool:
    """Whether a transaction is older than a time; one without a plausible time of its own is not."""
    time = entry.block_time
    return time is not None and _FIRST_BLOCK <= time < (since - CLOCK_SLACK).timestamp()


def can_hold_deposit(entry: Signature, since: datetime) -> bool:
    """Whether a transaction must be read: a failed one moved nothing, and an old one does not matter."""
    return entry.err is None and not is_older(entry, since)
