"""What happened to an order: `/v1/orders/{reference}/timeline`, its statuses alone, and the webhooks that came."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from baton.gateway.api.callers import AccountName, Client, Parts, Reader
from baton.gateway.api.orders import order_of
from baton.gateway.api.responses import REFUSALS, Reference, answer
from baton.ledger.rows import DeliveryRow, TransitionRow
from baton.orders.names import order_workflow_id
from baton.orders.record import transition_rows
from baton.timeline.entries import OrderStory
from baton.timeline.gathering import OrderTimelines

router = APIRouter(prefix="/v1/orders/{reference}", tags=["orders"], responses=REFUSALS)

Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]


class PastStatus(BaseModel):
    """One status that an order was in; `position` counts from 0, and is None for one that came after the end."""

    position: int | None = None
    status: str
    at: datetime | None = None
    source: str
    """`webhook`, `read`, `submit` and so on; `late` for a webhook after the end."""
    order_id: str | None = None


class OrderTimeline(BaseModel):
    """The statuses of an order, oldest first."""

    transitions: list[PastStatus]


class ReceivedWebhook(BaseModel):
    """A webhook of Orchestra about the order, and what became of it."""

    event: str
    status: str | None = None
    order_id: str | None = None
    quote_id: str | None = None
    event_timestamp: datetime | None = None
    received_at: datetime
    disposition: str
    """`handed_over` to the order, `late` after its end, or `unclaimed`."""
    detail: str | None = None


class ReceivedWebhooks(BaseModel):
    """The webhooks about an order, the last one first."""

    deliveries: list[ReceivedWebhook]


@router.get("/transitions", response_model=OrderTimeline)
async def read_transitions(
    reference: Reference, account: AccountName, _: Reader, client: Client, parts: Parts
) -> Response:
    """Return every status that the order was in, those included that a webhook reported after its end."""
    rows = await parts.ledger.transitions(order_workflow_id(account, reference))
    if not rows:  # the order is unknown, or had no status yet, or the ledger is a moment behind
        rows = transition_rows(await client.snapshot(reference, account))
    return answer(OrderTimeline(transitions=[_status(row) for row in rows]))


@router.get("/timeline", response_model=OrderStory)
async def read_timeline(
    reference: Reference, account: AccountName, _: Reader, client: Client, parts: Parts
) -> Response:
    """Return everything that happened to an order, oldest first, with who did it."""
    order = await order_of(parts, client, account, reference)
    return answer(await OrderTimelines(parts.client, parts.ledger).of(order))


@router.get("/deliveries", response_model=ReceivedWebhooks)
async def read_deliveries(
    reference: Reference, account: AccountName, _: Reader, client: Client, parts: Parts, limit: Limit = 50
) -> Response:
    """Return the webhooks that Orchestra sent about the order."""
    rows = await parts.ledger.deliveries(order_workflow_id(account, reference), limit)
    if not rows:
        await client.snapshot(reference, account)  # an order that does not exist is an error, not an empty list
    return answer(ReceivedWebhooks(deliveries=[_webhook(row) for row in rows]))


def _status(row: TransitionRow) -> PastStatus:
    return PastStatus.model_validate(row.model_dump(exclude={"workflow_id"}))


def _webhook(row: DeliveryRow) -> ReceivedWebhook:
    return ReceivedWebhook.model_validate(row.model_dump(include=set(ReceivedWebhook.model_fields)))
