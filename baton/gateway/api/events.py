"""`/v1/events`: the feed of what happened to orders, as pages and as a stream."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from baton.accounts.tokens import Caller
from baton.gateway.api.callers import Parts, Reader
from baton.gateway.api.event_stream import EventStreamResponse, event_stream
from baton.gateway.api.responses import REFUSALS
from baton.ledger.rows import EventRow
from baton.notifications.feed import LATEST, MAX_PAGE, EventFeed, FeedPage
from baton.orders.events import public_document
from baton.settings import ACCOUNT_NAME

router = APIRouter(prefix="/v1/events", tags=["events"], responses=REFUSALS)

_STREAM = "text/event-stream"
_STREAM_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page; with `Accept: text/event-stream` a stream.", "content": {_STREAM: {}}}
}

After = Annotated[
    str | None,
    Query(description="The `cursor` of the page before. Without it, from the oldest event kept; `latest` for now on."),
]
Types = Annotated[list[str] | None, Query(alias="type", description="Only events of this type; may be repeated.")]
Account = Annotated[str | None, Query(pattern=ACCOUNT_NAME, description="Only events of this partner account.")]


class OrderEvent(BaseModel):
    """One event: what happened to an order, and the order in short.

    Attributes:
        id: Stays the same however often the event is sent.
        type: Such as `order.completed`.
        account: The partner account.
        reference: The order's reference.
        occurred_at: When it happened.
        position: For a status, its place among the order's statuses, from 0.
        data: The order in short.
    """

    id: str
    type: str
    account: str
    reference: str
    occurred_at: datetime
    position: int | None = None
    data: dict[str, Any]

    @classmethod
    def of(cls, event: EventRow) -> "OrderEvent":
        """Return the event as the API shows it."""
        return cls.model_validate(public_document(event))


class EventPage(BaseModel):
    """A page of the feed.

    Attributes:
        events: Oldest first.
        cursor: Send it as `after` for the next page.
        more: Whether there may be more events by now.
        gap: Whether events after the cursor that was sent are gone, because they are older than 30 days or were lost.
    """

    events: list[OrderEvent]
    cursor: str
    more: bool
    gap: bool


@router.get("", response_model=EventPage, responses=_STREAM_RESPONSE)
async def read_events(
    request: Request,
    caller: Reader,
    parts: Parts,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    account: Account = None,
    types: Types = None,
    last_event_id: Annotated[str | None, Header(description="Of a stream: the id of the last event.")] = None,
) -> EventPage | Response:
    """Return the events after a cursor, or stream them from there on.

    Events are kept for 30 days. A stream without a cursor begins now; `gap` is its first message if older events than
    it asked for are gone.
    """
    feed, accounts = EventFeed(parts.ledger), accounts_of(caller, account)
    if _STREAM not in request.headers.get("accept", ""):
        return _shown(await feed.page(after, limit, accounts=accounts, types=types))
    first = await feed.page(last_event_id or after or LATEST, accounts=accounts, types=types)
    stream = event_stream(feed, parts.feed_head, first, accounts=accounts, types=types, stopping=parts.stopping)
    return EventStreamResponse(stream)


def accounts_of(caller: Caller, account: str | None) -> list[str] | None:
    """Return the accounts whose events a caller gets; None for all.

    Raises:
        Forbidden: The token does not cover the account.
    """
    if account is None:
        return caller.own_accounts
    caller.require_account(account)
    return [account]


def _shown(page: FeedPage) -> EventPage:
    events = [OrderEvent.of(event) for event in page.events]
    return EventPage(events=events, cursor=page.cursor, more=page.more, gap=page.gap)
