"""`/v1/estimate`, `/v1/routes` and `/v1/limits`: what can be ordered, and at which price."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from baton.accounts.route_book import RouteBook
from baton.errors import Unreachable
from baton.gateway.api.bodies import Document
from baton.gateway.api.callers import AccountName, Parts, Reader, with_account
from baton.gateway.api.responses import REFUSALS, answer
from baton.gateway.api.schemas import body_of
from baton.gateway.api.upstream import OrchestraRefused, orchestra
from baton.orchestra.rules.limits import Limits
from baton.orchestra.rules.route_pairs import RouteFilter, RouteLine, pairs, route_line
from baton.orders.document import OfframpDocument, OnrampDocument, SwapDocument, read_document
from baton.orders.price import EstimateDocument, ends, estimate_document
from baton.orders.priced_swap import estimate_request, priced_swap

router = APIRouter(prefix="/v1", tags=["prices"], responses=REFUSALS)

End = Annotated[str | None, Query(max_length=130, description="`CHAIN` or `CHAIN:ASSET`.")]
Name = Annotated[str | None, Query(max_length=64)]


class RouteLines(BaseModel):
    """The routes that fit."""

    routes: list[RouteLine]


def book_of(request: Request) -> RouteBook:
    """Return the routes and limits as the gateway has them cached."""
    state = request.app.state
    if not hasattr(state, "route_book"):
        state.route_book = RouteBook(state.parts.accounts)
    found: RouteBook = state.route_book
    return found


Book = Annotated[RouteBook, Depends(book_of)]


@router.post(
    "/estimate", response_model=EstimateDocument, openapi_extra=body_of(SwapDocument, OnrampDocument, OfframpDocument)
)
async def estimate(caller: Reader, content: Document, parts: Parts, book: Book) -> Response:
    """Return what an order would deliver at the moment; recipient and reference may be missing."""
    document = priced_swap(with_account(caller, parts, content))
    order = read_document(document)
    assert isinstance(order, SwapDocument)
    async with orchestra(parts, order.account) as client:
        if objection := await book.objection(order.account, client, order):
            raise OrchestraRefused(objection.code, objection.message, "choose another route or amount")
        price = await client.estimate(estimate_request(order, document))
    decimals = book.decimals(order.account, *ends(order), price.fee_asset)
    return answer(estimate_document(order, price, decimals))


@router.get("/routes", response_model=RouteLines)
async def list_routes(
    account: AccountName,
    _: Reader,
    parts: Parts,
    book: Book,
    source: End = None,
    destination: End = None,
    search: Annotated[str | None, Query(max_length=64, description="Only routes with this text in a name.")] = None,
) -> Response:
    """List which assets can be exchanged for which; Orchestra's list, at most an hour old."""
    async with orchestra(parts, account) as client:
        routes = await book.routes(account, client)
    if routes is None:
        raise Unreachable("routes_unavailable", "Orchestra does not list its routes", "ask again, which is safe")
    wanted = RouteFilter(source, destination, search)
    lines = [route_line(pair, routes.decimals) for pair in pairs(routes) if wanted.matches(pair)]
    return answer(RouteLines(routes=lines))


@router.get("/limits", response_model=Limits)
async def read_limits(
    account: AccountName,
    _: Reader,
    parts: Parts,
    source_chain: Name = None,
    source_asset: Name = None,
    destination_chain: Name = None,
    destination_asset: Name = None,
) -> Response:
    """Return the smallest and the largest order at the moment, for all routes or those given."""
    async with orchestra(parts, account) as client:
        limits = await client.limits(
            source_chain=source_chain,
            source_asset=source_asset,
            destination_chain=destination_chain,
            destination_asset=destination_asset,
        )
    return answer(limits)
