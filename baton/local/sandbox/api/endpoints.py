"""The endpoints of the partner API, second generation. Each handler answers one call; the gate does the rest."""

import functools
from typing import Any

from starlette.routing import Route as HttpRoute

from baton.local.sandbox.api.addresses import address_routes
from baton.local.sandbox.api.affiliates import affiliate_routes
from baton.local.sandbox.api.approvals import approval_routes
from baton.local.sandbox.api.catalog import catalog_routes
from baton.local.sandbox.api.evidence import read_evidence, sender_contradicts
from baton.local.sandbox.api.fee_request import check_fee_plan, read_app_fees
from baton.local.sandbox.api.fields import text
from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.api.journal import Journal
from baton.local.sandbox.api.offramp import offramp_routes
from baton.local.sandbox.api.onramp import onramp_routes
from baton.local.sandbox.api.quote_answer import quote_answer, quote_record
from baton.local.sandbox.api.quote_request import (
    parse_quote_request,
    read_amount,
    read_amount_mode,
    read_route,
    read_slippage,
)
from baton.local.sandbox.api.standing import standing_routes
from baton.local.sandbox.api.streams import stream_routes
from baton.local.sandbox.api.webhooks import webhook_routes
from baton.local.sandbox.engine.addresses import transaction_key
from baton.local.sandbox.engine.affiliates import Terms
from baton.local.sandbox.engine.price_fields import exact_out_fields, fee_fields
from baton.local.sandbox.engine.records import flat, stages
from baton.local.sandbox.engine.routes import all_routes, asset_details, route_entry
from baton.local.sandbox.engine.store import EXACT_OUT, SandboxOrder, SandboxQuote
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, unknown

ESTIMATE_SLIPPAGE_BPS = 100


class PartnerApi:
    """The handlers of quotes and orders."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def routes(self, call: Call) -> dict[str, Any]:
        """`GET /v1/orchestration/routes`."""
        return _route_list()

    def estimate(self, call: Call) -> dict[str, Any]:
        """`GET /v1/orchestration/estimate`: a price without a deposit address."""
        query = _typed(call.query)
        route, amount = read_route(query), read_amount(query)
        mode, fees = read_amount_mode(query, route, amount), read_app_fees(query, self._affiliates(call))
        read_slippage(query, ESTIMATE_SLIPPAGE_BPS)
        if fees:
            # Fees go to a partner or its affiliates, so this refuses an estimate without an API key.
            _ = call.owner
        check_fee_plan(route, fees, exact_out=mode == EXACT_OUT)
        price = self._world.price(route, amount, mode, fees)
        answer = {
            "estimatedOut": str(price.amount_out),
            **fee_fields(price, self._world.prices),
            "route": route.display,
            "source": asset_details(route.source),
            "destination": asset_details(route.destination),
        }
        return answer | exact_out_fields(price) if mode == EXACT_OUT else answer

    def quote(self, call: Call) -> dict[str, Any]:
        """`POST /v1/orchestration/quote`: a priced intent and a deposit instruction."""
        return quote_answer(self._world.quote(call.owner, parse_quote_request(call.body, self._affiliates(call))))

    def submit(self, call: Call) -> dict[str, Any]:
        """`POST /v1/orchestration/submit`: turn a quote and the evidence of its deposit into an order, once."""
        quote = self._world.store.quote(text(call.body, "quoteId"), call.owner)
        evidence = read_evidence(call.body, quote.chain)
        order = self._world.store.order_of(quote)
        if order is None:
            deposit = self._world.chain.find(quote, evidence)
            review = sender_contradicts(deposit, evidence.sender)
            order = self._world.intake.open(quote, deposit, review=review)
        return {"orderId": order.id, "status": order.public_status}

    def status(self, call: Call) -> dict[str, Any]:
        """`GET /v1/orchestration/status`: the order by its id, its quote or its transaction."""
        order = self._find_order(call)
        return {"order": flat(order), "stages": stages(order)}

    def order(self, call: Call) -> dict[str, Any]:
        """`GET /v1/orchestration/order`: the quote, and its order once there is one."""
        quote_id = call.query.get("quoteId")
        if not quote_id:
            raise ApiError("invalid_query", "quoteId is required")
        quote = self._world.store.quote(quote_id, call.owner)
        answer: dict[str, Any] = {"quote": quote_record(quote, self._world.clock.now()), "order": None}
        order = self._world.store.shown_order_of(quote)
        return answer if order is None else {**answer, "order": flat(order), "stages": stages(order)}

    def _affiliates(self, call: Call) -> Terms:
        return {} if call.partner is None else self._world.affiliates.of(call.partner)

    def _find_order(self, call: Call) -> SandboxOrder:
        order_id, quote_id, transaction = (call.query.get(name) for name in ("id", "quoteId", "txHash"))
        chain = call.query.get("sourceChain")
        if sum(value is not None for value in (order_id, quote_id, transaction)) != 1:
            raise ApiError("invalid_query", "give exactly one of id, quoteId, or txHash with sourceChain")
        if (transaction is None) != (chain is None):
            raise ApiError("invalid_query", "txHash and sourceChain belong together")
        if order_id is not None:
            return self._world.store.order(order_id, call.owner)
        if quote_id is not None:
            return self._order_of(self._world.store.quote(quote_id, call.owner))
        return self._paid_by(call.owner, chain or "", transaction or "")

    def _order_of(self, quote: SandboxQuote) -> SandboxOrder:
        order = self._world.store.shown_order_of(quote)
        if order is None:
            raise unknown(f"{quote.id} has no order yet")
        return order

    def _paid_by(self, partner: str, chain: str, transaction: str) -> SandboxOrder:
        key = (chain, transaction_key(transaction))
        orders = self._world.store.orders_of(
            partner, lambda order: order.deposit is not None and order.deposit.key == key
        )
        order = next(orders, None)
        if order is None:
            raise unknown(f"no order was paid by {transaction} on {chain}")
        return order


def partner_routes(world: SandboxWorld, journal: Journal) -> list[HttpRoute]:
    """Return the HTTP routes of the partner API."""
    api, gate = PartnerApi(world), Gate(world, journal)
    base = "/v1/orchestration"
    return [
        HttpRoute(f"{base}/routes", gate.endpoint("routes", api.routes, public=True)),
        HttpRoute(f"{base}/estimate", gate.endpoint("estimate", api.estimate, public=True)),
        HttpRoute(f"{base}/quote", gate.endpoint("quote", api.quote, mutating=True), methods=["POST"]),
        HttpRoute(f"{base}/submit", gate.endpoint("submit", api.submit, mutating=True), methods=["POST"]),
        HttpRoute(f"{base}/status", gate.endpoint("status", api.status)),
        HttpRoute(f"{base}/order", gate.endpoint("order", api.order)),
        *webhook_routes(world, gate),
        *approval_routes(world, gate),
        *onramp_routes(world, gate),
        *offramp_routes(world, gate),
        *address_routes(world, gate),
        *affiliate_routes(world, gate),
        *standing_routes(world, gate),
        *catalog_routes(world, gate),
        *stream_routes(world, gate),
    ]


def _typed(query: Any) -> dict[str, Any]:
    """Return query parameters with the types of a JSON body: numbers as numbers, lists as lists."""
    body: dict[str, Any] = dict(query)
    slippage = body.get("slippageBps")
    if isinstance(slippage, str) and slippage.isascii() and slippage.isdigit():
        body["slippageBps"] = int(slippage[:9])
    if "affiliateIds" in body:
        body["affiliateIds"] = str(body["affiliateIds"]).split(",")
    return body


@functools.cache
def _route_list() -> dict[str, Any]:
    return {"routes": [route_entry(route) for route in all_routes()]}
