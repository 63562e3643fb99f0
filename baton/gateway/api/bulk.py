"""`/v1/bulk`: one act on every order that a filter chooses. It outlives the gateway: a workflow runs it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from baton.accounts.tokens import Caller, Verb
from baton.bulk.bulks import Bulks
from baton.bulk.request import LEAST_RATE, MOST_RATE, RATE, BulkAct, BulkRequest
from baton.bulk.status import BulkStatus
from baton.errors import OrderUnknown
from baton.gateway.api import endpoints
from baton.gateway.api.callers import Parts, Reader
from baton.gateway.api.order_lists import ListedOrder
from baton.gateway.api.responses import CONFLICT, REFUSALS, answer
from baton.gateway.parts import GatewayParts
from baton.ledger.bulk_rows import BulkOrderRow, BulkState

router = APIRouter(prefix="/v1/bulk", tags=["bulk"], responses=REFUSALS)

SAMPLE = 20
"""Orders that an answer shows of those that were chosen."""

VERBS = {BulkAct.DECIDE: Verb.DECIDE, BulkAct.REDELIVER: Verb.NOTIFY}
"""The verb that an act needs; every other act needs `operate`."""

BulkId = Annotated[str, Path(pattern=r"^bulk_[0-9a-f]{12}$", description="The bulk's id.")]


class BulkBody(BulkRequest):
    """What is done to which orders; with `dry_run` nothing is done, and the answer says to which orders it would be."""

    dry_run: bool = False
    rate: float = Field(default=RATE, ge=LEAST_RATE, le=MOST_RATE, allow_inf_nan=False)

    def request(self) -> BulkRequest:
        """Return the request alone."""
        return BulkRequest.model_validate(self.model_dump(exclude={"dry_run"}))


class ChosenSample(BaseModel):
    """How many orders a bulk touches, or would touch, and the newest of them; `bulk` is None after a dry run."""

    orders: int
    sample: list[ListedOrder]
    bulk: BulkStatus | None = None


class BulkList(BaseModel):
    """The newest bulks."""

    bulks: list[BulkStatus]


class BulkResults(BaseModel):
    """What became of the act on each order; the next page begins after `next_position`, None on the last one."""

    results: list[BulkOrderRow]
    next_position: int | None = None


async def visible(bulk_id: BulkId, request: Request, parts: Parts) -> BulkStatus:
    """Return a bulk all of whose orders are in accounts of the token.

    Raises:
        OrderUnknown: There is none.
    """
    caller: Caller = request.state.caller
    bulk = await parts.bulks.find(bulk_id)
    if not all(caller.sees(account) for account in bulk.accounts):
        raise OrderUnknown("bulk_unknown", f"there is no bulk {bulk_id}", "check the id and the token's accounts")
    return await parts.bulks.status(bulk_id)


Visible = Annotated[BulkStatus, Depends(visible)]


_NOTHING_DONE: dict[int | str, dict[str, Any]] = {
    200: {"model": ChosenSample, "description": "A dry run, or no order was chosen: nothing was done."}
}


@router.post("", response_model=ChosenSample, status_code=202, responses=CONFLICT | _NOTHING_DONE)
async def start_bulk(body: BulkBody, caller: Reader, parts: Parts) -> Response:
    """Do one act to every chosen order: 202 with the bulk that runs, or 200 after a dry run."""
    request = await allowed(body.request(), caller, parts)
    chosen = await parts.bulks.choose(request)
    lines = [ListedOrder.of(row, set(chosen.attended)) for row in chosen.rows[:SAMPLE]]
    sample = ChosenSample(orders=len(chosen.rows), sample=lines)
    if body.dry_run or not chosen.rows:
        return answer(sample)
    return answer(sample.model_copy(update={"bulk": await parts.bulks.start(chosen, caller.name)}), 202)


async def allowed(request: BulkRequest, caller: Caller, parts: GatewayParts) -> BulkRequest:
    """Return a request whose orders are in accounts of its caller alone.

    Raises:
        Forbidden: The token lacks the verb of the act, or does not cover an account that is named.
        EndpointUnknown: There is no such endpoint, or none for this token.
    """
    caller.require(VERBS.get(request.act, Verb.OPERATE))
    for account in request.choice.accounts or ():
        caller.require_account(account)
    if request.endpoint is not None:
        await endpoints.visible(parts, caller, request.endpoint)
    accounts = request.choice.accounts or caller.own_accounts
    return request.model_copy(update={"choice": request.choice.model_copy(update={"accounts": accounts})})


@router.get("", response_model=BulkList)
async def list_bulks(caller: Reader, parts: Parts, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
    """List the newest bulks."""
    return answer(BulkList(bulks=await parts.bulks.newest(limit, caller.own_accounts)))


@router.get("/{bulk_id}", response_model=BulkStatus)
async def read_bulk(bulk: Visible, _: Reader) -> Response:
    """Return a bulk as it stands."""
    return answer(bulk)


@router.get("/{bulk_id}/results", response_model=BulkResults)
async def read_results(
    bulk: Visible,
    _: Reader,
    parts: Parts,
    state: Annotated[list[BulkState] | None, Query(description="Only orders in this state; repeatable.")] = None,
    after: Annotated[int, Query(ge=-1, lt=2**31, description="`next_position` of the page before.")] = -1,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Return what became of the act on each order, page by page."""
    rows = await parts.ledger.bulks.results(bulk.id, states=state or (), after=after, limit=limit)
    return answer(BulkResults(results=rows, next_position=rows[-1].position if len(rows) == limit else None))


@router.post("/{bulk_id}/stop", response_model=BulkStatus)
async def stop_bulk(bulk: Visible, caller: Reader, parts: Parts) -> Response:
    """Stop a bulk; what is left waits until it is resumed."""
    return answer(await _allowed(bulk, caller, parts).stop(bulk.id))


@router.post("/{bulk_id}/resume", response_model=BulkStatus)
async def resume_bulk(bulk: Visible, caller: Reader, parts: Parts) -> Response:
    """Go on with what is left of a bulk, and try those orders again of which nobody answered."""
    return answer(await _allowed(bulk, caller, parts).resume(bulk.id))


def _allowed(bulk: BulkStatus, caller: Caller, parts: Parts) -> Bulks:
    caller.require(VERBS.get(bulk.act, Verb.OPERATE))
    return parts.bulks
