"""Read the list of a wallet's transactions page by page, without missing one between two pages.

Offsets count from the newest transaction, so pages shift while they are read: a new transaction only makes an entry
appear twice. One page more than needed is read, for transactions that the explorer lists late.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from baton.chains.spark.transactions import ListedTransaction, TransactionPage

MAX_PAGES = 100
"""Most pages of one wallet in one scan; with offsets a later scan cannot continue in the middle."""
CLOCK_SLACK = timedelta(minutes=2)
"""How far the explorer's clock may be behind the clock that set a watch's `since`."""


class SparkListing(NamedTuple):
    """The transactions that matter, oldest first, and whether the list was read far enough."""

    entries: list[ListedTransaction]
    complete: bool


async def read_listing(
    read_page: Callable[[int], Awaitable[TransactionPage]], *, position: str | None, since: datetime
) -> SparkListing:
    """Read a list until one page after the entry at the position, until its end, or until entries are too old.

    Args:
        read_page: Returns the page that begins at an offset.
        position: Id of the entry below which nothing can change.
        since: Earlier transactions do not matter.

    Raises:
        ChainError: A page could not be read.
    """
    entries: dict[str, ListedTransaction] = {}
    offset, passed_position = 0, False
    for _ in range(MAX_PAGES):
        page = await read_page(offset)
        entries |= {entry.id: entry for entry in page.data}
        offset += len(page.data)
        at_end = not page.data or (page.meta.total is not None and offset >= page.meta.total)
        if at_end or passed_position or is_older(page.data[-1], since):
            break
        passed_position = position in entries
    else:
        return SparkListing([], complete=False)
    return SparkListing([entry for entry in reversed(entries.values()) if not is_older(entry, since)], complete=True)


def is_older(entry: ListedTransaction, since: datetime) -> bool:
    """Whether an entry is older than a time; an entry without a time is not."""
    return entry.created is not None and entry.created < since - CLOCK_SLACK


def next_position(
    entries: list[ListedTransaction], position: str | None, is_settled: Callable[[ListedTransaction], bool]
) -> str | None:
    """Return the id of the newest entry up to which all are settled; the old position if there are no entries."""
    settled = [entry.id for entry in takewhile(is_settled, entries)]
    if settled:
        return settled[-1]
    return None if entries else position
