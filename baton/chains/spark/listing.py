"""The list of a wallet's transactions, read page by page with nothing falling between two pages.

Pages count from the newest, so they shift while they are read: what comes in meanwhile only makes entries appear
twice. One page more than needed is read, for entries that the explorer lists late.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from baton.chains.spark.transactions import ListedTransaction, Page

MAX_PAGES = 100
"""Most pages of one wallet in one scan; offsets leave no way to go on later."""
CLOCK_SLACK = timedelta(minutes=2)
"""How far the explorer's clock may be behind the one that a watch began by."""


class SparkListing(NamedTuple):
    """Entries of interest, oldest first, and whether the list was read as far as it must be."""

    entries: list[ListedTransaction]
    whole: bool


async def read_listing(ask: Callable[[int], Awaitable[Page]], *, mark: str | None, since: datetime) -> SparkListing:
    """Read a list until one page after the marked entry, to its end, or to what is older than a time.

    Args:
        ask: Returns the page that begins at an offset.
        mark: Id of the entry below which nothing can change.
        since: What was before is of no interest.

    Raises:
        ChainError: A page could not be read.
    """
    entries: dict[str, ListedTransaction] = {}
    offset, was_marked = 0, False
    for _ in range(MAX_PAGES):
        page = await ask(offset)
        entries |= {one.id: one for one in page.data}
        offset += len(page.data)
        at_end = not page.data or (page.meta.total is not None and offset >= page.meta.total)
        if at_end or was_marked or is_older(page.data[-1], since):
            break
        was_marked = mark in entries
    else:
        return SparkListing([], whole=False)
    return SparkListing([one for one in reversed(entries.values()) if not is_older(one, since)], whole=True)


def is_older(entry: ListedTransaction, since: datetime) -> bool:
    """Tell whether an entry is from before a time; one without a time is not."""
    return entry.created is not None and entry.created < since - CLOCK_SLACK


def next_mark(
    entries: list[ListedTransaction], mark: str | None, is_settled: Callable[[ListedTransaction], bool]
) -> str | None:
    """Return the newest entry before which everything is settled, or the old mark where there are no entries."""
    settled = [one.id for one in takewhile(is_settled, entries)]
    if settled:
        return settled[-1]
    return None if entries else mark
