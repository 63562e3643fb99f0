"""`/v1/addresses` and `/v1/paylinks`: reusable addresses and pay links, through the same client as in Python."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from baton.gateway.api.bodies import DisableBody, Document, ResolutionBody, SourceChangeBody
from baton.gateway.api.callers import AccountName, AccountNames, Client, Operator, Parts, Placer, Reader, with_account
from baton.gateway.api.order_lists import Cursor, OrderPage, PageSize, page_of
from baton.gateway.api.responses import CONFLICT, REFUSALS, Reference, answer
from baton.gateway.api.schemas import body_of
from baton.ledger.order_search import OrderFilter
from baton.orders.order_source import SourceKind, source_name
from baton.sources.answers import SourceSnapshot
from baton.sources.document import AccumulationDocument, LiquidationDocument, StandingDocument
from baton.sources.pay_link_document import PayLinkDocument
from baton.sources.state import SourcePhase
from baton.sources.visibility import SourceLine

router = APIRouter(prefix="/v1", tags=["addresses and pay links"], responses=REFUSALS)

Phase = Annotated[SourcePhase | None, Query(description="Only those in this phase.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]


class SourceLines(BaseModel):
    """Addresses or links, open ones first; a list is a moment behind."""

    sources: list[SourceLine]


def _each(accounts: list[str] | None) -> list[str | None]:
    """Return the accounts to list one after the other; None stands for all at once."""
    return [None] if accounts is None else [*accounts]


@router.post(
    "/addresses",
    response_model=SourceSnapshot,
    responses=CONFLICT,
    openapi_extra=body_of(AccumulationDocument, LiquidationDocument, StandingDocument),
)
async def create_address(caller: Placer, content: Document, client: Client, parts: Parts) -> Response:
    """Create a reusable address and return it; creating the same again returns the same."""
    return answer(await client.create_address(with_account(caller, parts, content)))


@router.post("/paylinks", response_model=SourceSnapshot, responses=CONFLICT, openapi_extra=body_of(PayLinkDocument))
async def create_pay_link(caller: Placer, content: Document, client: Client, parts: Parts) -> Response:
    """Create a pay link and return it; creating the same again returns the same."""
    return answer(await client.create_pay_link(with_account(caller, parts, content)))


@router.get("/addresses", response_model=SourceLines)
async def list_addresses(
    accounts: AccountNames, _: Reader, client: Client, phase: Phase = None, limit: Limit = 50
) -> Response:
    """List reusable addresses, open ones first."""
    found = [await client.addresses(account=each, phase=phase, limit=limit) for each in _each(accounts)]
    return answer(SourceLines(sources=[line for lines in found for line in lines][:limit]))


@router.get("/paylinks", response_model=SourceLines)
async def list_pay_links(
    accounts: AccountNames, _: Reader, client: Client, phase: Phase = None, limit: Limit = 50
) -> Response:
    """List pay links, open ones first."""
    found = [await client.pay_links(account=each, phase=phase, limit=limit) for each in _each(accounts)]
    return answer(SourceLines(sources=[line for lines in found for line in lines][:limit]))


@router.get("/addresses/{reference}", response_model=SourceSnapshot)
async def read_address(reference: Reference, account: AccountName, _: Reader, client: Client) -> Response:
    """Return a reusable address: what to pay where, its fixed terms, what needs attention."""
    return answer(await client.address(reference, account))


@router.get("/paylinks/{reference}", response_model=SourceSnapshot)
async def read_pay_link(reference: Reference, account: AccountName, _: Reader, client: Client) -> Response:
    """Return a pay link: the URL to share, its fixed terms, what needs attention."""
    return answer(await client.pay_link(reference, account))


@router.get("/addresses/{reference}/deposits", response_model=OrderPage)
async def list_deposits(
    reference: Reference,
    account: AccountName,
    _: Reader,
    client: Client,
    parts: Parts,
    limit: PageSize = 50,
    cursor: Cursor = None,
) -> Response:
    """List the orders that came of deposits to an address, newest first."""
    wanted = OrderFilter(accounts=[account], sources=[source_name(SourceKind.ADDRESS, reference)])
    return answer(await page_of(client, parts.ledger, wanted, limit, cursor))


@router.get("/paylinks/{reference}/orders", response_model=OrderPage)
async def list_link_orders(
    reference: Reference,
    account: AccountName,
    _: Reader,
    client: Client,
    parts: Parts,
    limit: PageSize = 50,
    cursor: Cursor = None,
) -> Response:
    """List the orders that came of visits of a link, newest first."""
    wanted = OrderFilter(accounts=[account], sources=[source_name(SourceKind.PAYLINK, reference)])
    return answer(await page_of(client, parts.ledger, wanted, limit, cursor))


@router.post("/addresses/{reference}/update", response_model=SourceSnapshot, responses=CONFLICT)
async def update_address(
    reference: Reference, account: AccountName, body: SourceChangeBody, _: Operator, client: Client
) -> Response:
    """Change what Baton keeps of an address; orders that are made afterwards carry it."""
    return answer(await client.update_address(reference, account, **dict(body)))


@router.post("/paylinks/{reference}/update", response_model=SourceSnapshot, responses=CONFLICT)
async def update_pay_link(
    reference: Reference, account: AccountName, body: SourceChangeBody, _: Operator, client: Client
) -> Response:
    """Change what Baton keeps of a link; orders that are made afterwards carry it."""
    return answer(await client.update_pay_link(reference, account, **dict(body)))


@router.post("/addresses/{reference}/enable", response_model=SourceSnapshot, responses=CONFLICT)
async def enable_address(reference: Reference, account: AccountName, _: Operator, client: Client) -> Response:
    """Enable a disabled standing address again; deposits that were held because of that may become orders."""
    return answer(await client.enable_address(reference, account))


@router.post("/addresses/{reference}/disable", response_model=SourceSnapshot, responses=CONFLICT)
async def disable_address(
    reference: Reference, account: AccountName, body: DisableBody, _: Operator, client: Client
) -> Response:
    """Disable a reusable address: no further deposit becomes an order. Only a standing one can be enabled again."""
    return answer(await client.disable_address(reference, account, reason=body.reason))


@router.post("/paylinks/{reference}/disable", response_model=SourceSnapshot, responses=CONFLICT)
async def disable_pay_link(
    reference: Reference, account: AccountName, body: DisableBody, _: Operator, client: Client
) -> Response:
    """Disable a pay link: no further visit makes an order. It cannot be enabled again."""
    return answer(await client.disable_pay_link(reference, account, reason=body.reason))


@router.post("/addresses/{reference}/resolve", response_model=SourceSnapshot, responses=CONFLICT)
async def resolve_address(
    reference: Reference, account: AccountName, body: ResolutionBody, _: Operator, client: Client
) -> Response:
    """Record what was done about an attention of an address."""
    return answer(await client.resolve_address(reference, account, note=body.note, reason=body.reason))


@router.post("/paylinks/{reference}/resolve", response_model=SourceSnapshot, responses=CONFLICT)
async def resolve_pay_link(
    reference: Reference, account: AccountName, body: ResolutionBody, _: Operator, client: Client
) -> Response:
    """Record what was done about an attention of a link."""
    return answer(await client.resolve_pay_link(reference, account, note=body.note, reason=body.reason))
