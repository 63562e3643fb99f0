"""`/v1/acts`: the record of acts; and `/v1/adoptions`: orders of Orchestra that Baton did not follow."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from baton.errors import InvalidArgument
from baton.gateway.api.callers import AccountName, AccountNames, Client, Operator, Parts, Reader
from baton.gateway.api.responses import REFUSALS, answer
from baton.ledger.act_rows import ActRow
from baton.ledger.acts import ActFilter
from baton.orchestra.models import MAX_ID
from baton.orders.adoption import Adoption, AdoptionEnd

router = APIRouter(prefix="/v1", tags=["acts"], responses=REFUSALS)

Text = Annotated[str | None, Query(min_length=1, max_length=200)]


class ActPage(BaseModel):
    """A page of acts, the last one first; `next_cursor` is the `before` of the next page."""

    acts: list[ActRow]
    next_cursor: str | None = None


class AdoptionBody(BaseModel):
    """The order of Orchestra to follow, and why."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    order_id: str = Field(min_length=1, max_length=MAX_ID)
    note: str | None = Field(default=None, min_length=1, max_length=1000)


@router.get("/acts", response_model=ActPage)
async def list_acts(
    accounts: AccountNames,
    _: Reader,
    parts: Parts,
    kind: Annotated[Text, Query(description="What it was done to: `order`, `address`, `paylink`, ...")] = None,
    reference: Text = None,
    by: Annotated[Text, Query(description="Who: a token's name, or `cli:` and a user.")] = None,
    bulk: Annotated[Text, Query(description="The bulk that it was a part of.")] = None,
    since: Annotated[datetime | None, Query(description="At this time or later.")] = None,
    before: Annotated[Text, Query(description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """List who did what to which order, address, link or affiliate, when, and why; the last act first."""
    last = await parts.ledger.acts.act(before) if before else None
    if before and last is None:
        raise InvalidArgument("before", "is no act", "pass the next_cursor of the page before, unchanged")
    wanted = ActFilter(accounts=accounts, kind=kind, reference=reference, by=by, bulk=bulk, since=since)
    acts = await parts.ledger.acts.page(wanted, limit, last)
    return answer(ActPage(acts=acts, next_cursor=acts[-1].id if len(acts) == limit else None))


_FOLLOWED: dict[int | str, dict[str, Any]] = {200: {"model": Adoption, "description": "A workflow follows it already."}}


@router.post("/adoptions", response_model=Adoption, status_code=201, responses=_FOLLOWED)
async def adopt(body: AdoptionBody, account: AccountName, _: Operator, client: Client) -> Response:
    """Follow an order of Orchestra that Baton does not follow; 200 if a workflow follows it, or did until its end."""
    adoption = await client.adopt(body.order_id, account, note=body.note)
    return answer(adoption, 201 if adoption.end is AdoptionEnd.STARTED else 200)
