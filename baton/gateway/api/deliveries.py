"""`/v1/deliveries`: every attempt to notify an endpoint, and deliveries that are repeated on request."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from baton.gateway.api.callers import Parts, Reader
from baton.gateway.api.endpoints import Notifier, admin_of, visible
from baton.gateway.api.responses import REFUSALS
from baton.ledger.notification_rows import AttemptOutcome, AttemptRow
from baton.settings import ACCOUNT_NAME

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"], responses=REFUSALS)


class Redelivery(BaseModel):
    """What to send an endpoint again: one event, or all since a time, in order."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str = Field(pattern=ACCOUNT_NAME)
    event_id: str | None = Field(default=None, max_length=64)
    since: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Redelivery":
        if (self.event_id is None) == (self.since is None):
            raise ValueError("give event_id or since, and not both")
        return self


class RedeliveryStarted(BaseModel):
    """What is sent again."""

    endpoint: str
    orders: int
    """Of how many orders events are sent again."""


@router.get("")
async def list_deliveries(
    by: Reader,
    parts: Parts,
    endpoint: Annotated[str, Query(pattern=ACCOUNT_NAME, description="The endpoint.")],
    event_id: Annotated[str | None, Query(max_length=64, description="Only attempts with this event.")] = None,
    outcome: Annotated[AttemptOutcome | None, Query(description="Only attempts that ended like this.")] = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63, description="The `id` of the last one before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[AttemptRow]:
    """Return the attempts to notify an endpoint, the last one first."""
    await visible(parts, by, endpoint)
    return await parts.ledger.notifications.attempts(
        endpoint=endpoint, event_id=event_id, outcome=outcome, before=before, limit=limit
    )


@router.post("/redeliver", status_code=202)
async def redeliver(again: Redelivery, by: Notifier, parts: Parts) -> RedeliveryStarted:
    """Send an endpoint events again, under their ids."""
    await visible(parts, by, again.endpoint)
    if again.event_id is not None:
        await admin_of(parts, by).redeliver(again.endpoint, again.event_id)
        return RedeliveryStarted(endpoint=again.endpoint, orders=1)
    assert again.since is not None
    orders = await admin_of(parts, by).redeliver_since(again.endpoint, again.since)
    return RedeliveryStarted(endpoint=again.endpoint, orders=orders)
