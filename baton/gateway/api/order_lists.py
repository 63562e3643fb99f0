"""`GET /v1/orders` and `/v1/orders/lookup`: orders by any filter, page by page, and by any id."""

import re
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from baton.client import BatonClient
from baton.encoding.amounts import TolerantAmount
from baton.errors import OrderUnknown
from baton.gateway.api.callers import AccountNames, Client, Parts, Reader
from baton.gateway.api.order_filters import ListQuery, cursor_of, page_end
from baton.gateway.api.responses import ANY_REFERENCE, REFUSALS, answer
from baton.gateway.parts import GatewayParts
from baton.ledger.ledger import Ledger
from baton.ledger.order_search import OrderFilter, PageEnd
from baton.ledger.rows import OrderRow
from baton.orders.amounts import OrderAmounts
from baton.orders.models import Waiting
from baton.orders.names import order_workflow_id
from baton.orders.record import order_row

router = APIRouter(prefix="/v1/orders", tags=["orders"], responses=REFUSALS)

PageSize = Annotated[int, Query(ge=1, le=100, description="Orders on a page.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before.")]

_METADATA_PARAMETER = {
    "name": "metadata",
    "in": "query",
    "style": "deepObject",
    "explode": True,
    "description": "Only orders with these entries of the metadata: `metadata[KEY]=VALUE`, repeatable.",
    "schema": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "propertyNames": {"pattern": "^[A-Za-z0-9_.-]{1,40}$"},
    },
}


class ListedOrder(BaseModel):
    """One order in a list, which is a moment behind the order itself. Amounts in smallest units, and in `amounts`."""

    reference: str
    account: str
    workflow_id: str
    kind: str | None = None
    phase: str
    status: str | None = None
    outcome: str | None = None
    order_id: str | None = None
    quote_id: str | None = None
    deposit_address: str | None = None
    source_chain: str | None = None
    source_asset: str | None = None
    destination_chain: str | None = None
    destination_asset: str | None = None
    amount_in: TolerantAmount = None
    amount_out: TolerantAmount = None
    amounts: OrderAmounts = OrderAmounts()
    metadata: dict[str, str] = {}
    source: str | None = None
    needs_attention: bool = False
    """Whether a person must look now, also after the order's end."""
    attention: str | None = None
    """The reason for attention; of an ended order the one at its end."""
    waiting_for: Waiting | None = None
    next_deadline: datetime | None = None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None

    @classmethod
    def of(cls, row: OrderRow, attended: set[str]) -> Self:
        """Return the line of a row; `attended` are the ended orders that need a person now."""
        needs = row.workflow_id in attended if row.closed_at else row.attention is not None
        shared = row.model_dump(include=set(cls.model_fields) & set(OrderRow.model_fields) - {"waiting_for"})
        shown = {name: row.snapshot.get(name) for name in ("kind", "metadata", "amounts") if row.snapshot.get(name)}
        try:
            return cls.model_validate({**shared, **shown, "waiting_for": row.waiting_for, "needs_attention": needs})
        except ValidationError:  # a row of another version; its columns are enough
            return cls.model_validate({**shared, "needs_attention": needs})


class OrderPage(BaseModel):
    """A page of orders, newest first; the next one begins at `next_cursor`, and there is none if that is null."""

    orders: list[ListedOrder]
    next_cursor: str | None = None


async def page_of(
    client: BatonClient, ledger: Ledger, wanted: OrderFilter, limit: int, cursor: str | None
) -> OrderPage:
    """Return the page of orders that begins at a cursor, or the first one.

    Raises:
        InvalidArgument: The cursor is none of ours.
    """
    rows = await ledger.search.page(wanted, limit + 1, page_end(cursor) if cursor else None)
    shown = rows[:limit]
    last = PageEnd(shown[-1].created_at, shown[-1].workflow_id) if len(rows) > limit else None
    return OrderPage(orders=await _lines(client, shown), next_cursor=cursor_of(last) if last else None)


@router.get("", response_model=OrderPage, openapi_extra={"parameters": [_METADATA_PARAMETER]})
async def list_orders(
    wanted: Annotated[ListQuery, Depends()],
    accounts: AccountNames,
    _: Reader,
    client: Client,
    parts: Parts,
    limit: PageSize = 50,
    cursor: Cursor = None,
) -> Response:
    """List orders, newest first. Pages do not shift when orders are placed meanwhile."""
    attended = await client.attended_orders() if wanted.about_attention else set()
    return answer(await page_of(client, parts.ledger, wanted.filter(accounts, attended), limit, cursor))


class FoundOrders(BaseModel):
    """The orders that an id leads to, newest first; none if nobody knows it."""

    orders: list[ListedOrder]


@router.get("/lookup", response_model=FoundOrders)
async def lookup(
    id: Annotated[
        str,
        Query(
            min_length=1,
            max_length=2000,
            description="A reference, order id, quote id, deposit address, transaction id, or a link to a transaction.",
        ),
    ],
    accounts: AccountNames,
    _: Reader,
    client: Client,
    parts: Parts,
) -> Response:
    """Find orders by any id that somebody may have."""
    return answer(await find_orders(client, parts, accounts, id))


async def find_orders(client: BatonClient, parts: GatewayParts, accounts: list[str] | None, text: str) -> FoundOrders:
    """Return the orders that a text leads to, newest first.

    Args:
        client: The client that asks the workflows.
        parts: What the gateway works with.
        accounts: Only orders of these partner accounts; None for any.
        text: A reference, order id, quote id, deposit address, transaction id, or a link to a transaction.

    Raises:
        LedgerUnavailable: The ledger did not answer.
        Unreachable: Temporal or its workers did not answer.
    """
    found = await parts.ledger.search.lookup(accounts, text)
    rows = await parts.ledger.search.rows(found)
    missing = [workflow_id for workflow_id in found if workflow_id not in rows]
    # The ledger is a moment behind: an order that was just placed has an index entry and no row, or not even that.
    if not found and re.fullmatch(ANY_REFERENCE, text):
        missing = [order_workflow_id(account, text) for account in accounts or sorted(parts.accounts)]
    for workflow_id in missing:
        rows |= await _just_placed(client, workflow_id)
    ordered = sorted(rows.values(), key=lambda row: (row.created_at, row.workflow_id), reverse=True)
    return FoundOrders(orders=await _lines(client, ordered))


async def _lines(client: BatonClient, rows: list[OrderRow]) -> list[ListedOrder]:
    ended = [row.workflow_id for row in rows if row.closed_at]
    attended = await client.attended_orders(ended) if ended else set()
    return [ListedOrder.of(row, attended) for row in rows]


async def _just_placed(client: BatonClient, workflow_id: str) -> dict[str, OrderRow]:
    _, account, reference = workflow_id.split("/", 2)
    try:
        snapshot: Any = await client.snapshot(reference, account)
    except OrderUnknown:
        return {}
    return {workflow_id: order_row(snapshot)}
