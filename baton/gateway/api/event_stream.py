"""The feed as a stream of server-sent events: each client reads the ledger from its own cursor."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from baton.ledger.errors import LedgerError
from baton.notifications.feed import EventFeed, FeedHead, FeedPage, cursor_of
from baton.orders.events import public_document
from baton.process.logs import get_logger

_log = get_logger(__name__)

LOOK_INTERVAL = 0.5
"""Seconds between two looks for new events."""

HEARTBEAT_INTERVAL = 15.0
"""Seconds of silence after which a comment shows that the stream lives."""

WRITE_TIMEOUT = 30.0
"""Seconds that a client may take to read what was sent; one that is slower is disconnected, and resumes."""

RETRY_MILLISECONDS = 2_000
_GAP = "older events are gone: read the orders that matter with GET /v1/orders, then go on from here"


class EventStreamResponse(StreamingResponse):
    """A stream whose client must keep reading: one that does not must not hold a connection without end."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[str]) -> None:
        super().__init__(content, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream until it ends, the client leaves, or the client stops reading."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(WRITE_TIMEOUT):
                await send(message)

        try:
            await super().__call__(scope, receive, send_in_time)
        except* TimeoutError:
            _log.info("a client of the event stream does not read; it was disconnected")


async def event_stream(
    feed: EventFeed,
    head: FeedHead,
    first: FeedPage,
    *,
    accounts: Collection[str] | None,
    types: Collection[str] | None,
    stopping: asyncio.Event,
) -> AsyncIterator[str]:
    """Yield the events from a page on, until the gateway stops.

    Args:
        feed: The feed.
        head: Says whether there is anything new, for all streams.
        first: The first page, already read: its errors are the response's.
        accounts: Only events of these accounts; None means all.
        types: Only events of these types; None means all.
        stopping: Set when the gateway stops.
    """
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    page, silent = first, 0.0
    while not stopping.is_set():
        if page.gap:
            yield _message("gap", None, {"message": _GAP})
        for event in page.events:
            yield _message(event.type, cursor_of(page, event), public_document(event))
        silent = 0.0 if page.events else silent + LOOK_INTERVAL
        if silent >= HEARTBEAT_INTERVAL:
            silent = 0.0
            # With the cursor: a client that wants few events must not resume where it began weeks ago.
            yield f": heartbeat\nid: {page.cursor}\n\n"
        if not page.more:
            await _pause(stopping)
        try:
            is_news = page.more or await head.cursor() != page.cursor
            empty = FeedPage([], page.cursor)
            page = await feed.page(page.cursor, accounts=accounts, types=types) if is_news else empty
        except LedgerError:
            page = FeedPage([], page.cursor)


async def _pause(stopping: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_INTERVAL):
            await stopping.wait()
    except TimeoutError:
        return


def _message(name: str, cursor: str | None, document: dict[str, Any]) -> str:
    identity = f"id: {cursor}\n" if cursor else ""
    return f"{identity}event: {name}\ndata: {json.dumps(document, separators=(',', ':'))}\n\n"
