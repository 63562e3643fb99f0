"""The feed as apps read it, page by page: from a cursor that stays valid as long as its events are kept."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass

from baton.errors import InvalidArgument
from baton.ledger.ledger import Ledger
from baton.ledger.rows import EventRow

LATEST = "latest"
"""The cursor behind the newest event."""

HEAD_AGE = 0.25
"""Seconds for which the cursor behind the newest event is taken for current."""

MAX_PAGE = 500
"""Events on one page at most."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page of the feed.

    Attributes:
        events: The events, oldest first.
        cursor: Where the next page begins.
        more: Whether there may be more events by now.
        gap: Whether events after the cursor that was asked for are gone: too old, or lost with the ledger.
    """

    events: list[EventRow]
    cursor: str
    more: bool = False
    gap: bool = False


class EventFeed:
    """Reads the feed. It keeps nothing, so that any gateway can answer any request.

    Args:
        ledger: An open ledger.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def page(
        self,
        after: str | None = None,
        limit: int = 100,
        *,
        accounts: Collection[str] | None = None,
        types: Collection[str] | None = None,
    ) -> FeedPage:
        """Return the events after a cursor.

        Args:
            after: The cursor of the page before; None for the oldest event that is kept, `latest` for the newest.
            limit: How many events at most.
            accounts: Only those of these partner accounts; None means all.
            types: Only those of these types; None means all.

        Raises:
            InvalidArgument: The cursor is none.
            LedgerUnavailable: The ledger did not answer.
        """
        feed = await self._ledger.events.feed_id()
        newest = await self._ledger.events.latest()
        if after == LATEST:
            return FeedPage([], f"{feed}-{newest}")
        seq, gap = await self._position(after, feed, newest)
        events = await self._ledger.events.after(seq, limit, accounts=accounts, types=types, until=newest)
        more = len(events) == limit
        last = (events[-1].seq or seq) if more else max(newest, seq)
        return FeedPage(events, f"{feed}-{last}", more, gap)

    async def _position(self, cursor: str | None, feed: str, newest: int) -> tuple[int, bool]:
        """Return the number that a cursor stands for, and whether events after it are gone.

        A number beyond all events comes from this ledger before it was restored from a backup: the numbers up to it
        are given to other events.
        """
        if cursor is None:
            return 0, False
        of_feed, _, number = cursor.partition("-")
        if not (number.isascii() and number.isdigit() and len(number) <= 18 and of_feed.isalnum()):
            remedy = "send the `cursor` of the page before, or none"
            raise InvalidArgument("after", "is no cursor", remedy)
        pruned = await self._ledger.events.pruned_through()
        if of_feed != feed or int(number) > max(newest, pruned):
            return 0, True
        return int(number), int(number) < pruned


class FeedHead:
    """The cursor behind the newest event, read once for all who ask within a moment: streams ask all the time.

    Args:
        ledger: An open ledger.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._feed = EventFeed(ledger)
        self._cursor = ""
        self._read_at = float("-inf")
        self._lock = asyncio.Lock()

    async def cursor(self) -> str:
        """Return the cursor, which is `HEAD_AGE` old at most.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        async with self._lock:
            if time.monotonic() >= self._read_at + HEAD_AGE:
                self._cursor = (await self._feed.page(LATEST)).cursor
                self._read_at = time.monotonic()
            return self._cursor


def cursor_of(page: FeedPage, event: EventRow) -> str:
    """Return the cursor behind one event of a page."""
    return f"{page.cursor.partition('-')[0]}-{event.seq}"
