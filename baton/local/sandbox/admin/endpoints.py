"""The admin API under `/sandbox`: deposits, scenarios, faults, the clock, and lists of everything in the sandbox.

It needs no key: the sandbox moves no real money, and `origins.py` keeps other machines and web pages away.
"""

from datetime import datetime
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.routing import Route as HttpRoute

from baton.local.sandbox.admin.affiliates import affiliate_admin_routes
from baton.local.sandbox.admin.bodies import (
    AcceptedKeys,
    ClockAdvance,
    DepositRequest,
    MarketChange,
    OrderMove,
    ScenarioChoice,
    admin_route,
    read_body,
)
from baton.local.sandbox.admin.faults import fault_routes
from baton.local.sandbox.admin.foreign_orders import ForeignOrderRequest, ForeignOrders
from baton.local.sandbox.admin.payer import SandboxPayer
from baton.local.sandbox.api.evidence import proof_of
from baton.local.sandbox.api.journal import Journal
from baton.local.sandbox.api.quote_answer import quote_record
from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.payee_book import PayeeBook
from baton.local.sandbox.engine.records import flat, stages
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxOrder, SandboxQuote
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import invalid, unknown
from baton.local.sandbox.options import SERVICE
from baton.local.sandbox.scenarios.book import ScenarioError
from baton.local.sandbox.scenarios.listing import scenario_document
from baton.local.sandbox.scenarios.scenario import Scenario


class Admin:
    """The handlers of the admin API, except those of faults."""

    def __init__(self, world: SandboxWorld, journal: Journal) -> None:
        self._world = world
        self._journal = journal
        self._payer = SandboxPayer(world)
        self._payees = PayeeBook(world.store)
        self._foreign = ForeignOrders(world)

    async def health(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/health`: that this is a sandbox, its time, its numbers of orders, and every forbidden move."""
        return {
            "status": "ok",
            "service": SERVICE,
            "now": iso(self._world.clock.now()),
            "quotes": len(self._world.store.quotes),
            "orders": len(self._world.store.orders),
            "violations": [violation.document for violation in self._world.engine.violations],
        }

    async def deposit(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/deposits`: pay a quote; the answer is the proof that `/submit` needs."""
        body = await read_body(request, DepositRequest)
        if (body.quote_id is None) == (body.deposit_address is None):
            raise invalid("give either quoteId or depositAddress")
        scenario = self._scenario(body.scenario) if body.scenario else None
        payee = self._payees.paid_at(body.deposit_address, body.chain) if body.deposit_address else None
        if payee is not None:
            return proof_of(await self._payer.pay_address(payee, body, scenario))
        return proof_of(await self._payer.pay(self._quote_to_pay(body), body, scenario))

    async def deposits(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/deposits`."""
        return {"deposits": [_deposit_document(deposit) for deposit in self._world.chain.deposits]}

    async def scenarios(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/scenarios`: every scenario, and the default of new quotes."""
        scenarios = [scenario_document(scenario) for scenario in self._world.scenarios]
        return {"default": self._world.scenarios.default.name, "scenarios": scenarios}

    async def choose_scenario(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/scenario`: set the scenario of all new quotes, or of those for one recipient."""
        choice = await read_body(request, ScenarioChoice)
        if choice.once:
            return self._choose_once(choice)
        scenario = self._scenario(_required(choice))
        if choice.recipient_address is not None:
            self._world.scenario_of[choice.recipient_address] = scenario
        else:
            self._world.choose_scenario(scenario.name)
        return {"scenario": scenario.name}

    async def choose_for_quote(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/quotes/{id}/scenario`: set the scenario of one quote."""
        quote = self._world.store.quote(request.path_params["id"])
        choice = await read_body(request, ScenarioChoice)
        self._world.set_scenario(quote, self._scenario(_required(choice)))
        return {"scenario": quote.scenario.name}

    async def expire_quote(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/quotes/{id}/expire`: let a quote expire now; the time of everything else stays."""
        quote = self._world.store.quote(request.path_params["id"])
        quote.expires_at = min(quote.expires_at, self._world.clock.now())
        self._world.store.quote_changed(quote)
        return _quote_document(quote, self._world.clock.now())

    async def quotes(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/quotes`."""
        now = self._world.clock.now()
        return {"quotes": [_quote_document(quote, now) for quote in self._world.store.quotes.values()]}

    async def orders(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/orders`."""
        return {"orders": [_order_document(order) for order in self._world.store.orders.values()]}

    async def advance(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/orders/{id}/advance`: move an order now. The id may be that of its quote."""
        move = await read_body(request, OrderMove)
        order = self._order(request.path_params["id"])
        self._world.engine.advance(order, move.status, move.fields)
        return _order_document(order)

    async def clock(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/clock`: move the sandbox's time forward."""
        self._world.advance_clock((await read_body(request, ClockAdvance)).advance)
        return {"now": iso(self._world.clock.now())}

    async def keys(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/keys`: accept these API keys and no others."""
        self._world.accept_keys((await read_body(request, AcceptedKeys)).accepted)
        return {"accepted": len(self._world.api_keys)}

    async def market(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/market`: set prices. Existing quotes keep theirs until they expire."""
        change = await read_body(request, MarketChange)
        for symbol, price in change.prices.items():
            if symbol not in self._world.prices or price <= 0:
                raise invalid(f"prices.{symbol}: must be a positive price of a known asset")
        self._world.prices.update(change.prices)
        if change.spot_available is not None:
            self._world.set_spot_known(known=change.spot_available)
        return {"prices": dict(self._world.prices), "spotAvailable": self._world.spot_known}

    async def foreign_order(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/foreign-orders`: make and pay an order that the caller did not quote."""
        body = await read_body(request, ForeignOrderRequest)
        scenario = self._scenario(body.scenario) if body.scenario else self._world.scenarios.default
        order = await self._foreign.make(body, scenario)
        return {**_order_document(order), **_pay_link(order)}

    async def requests(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/requests`: the journal, of all calls or of one `endpoint`."""
        return {"requests": self._journal.documents(request.query_params.get("endpoint"))}

    def _choose_once(self, choice: ScenarioChoice) -> dict[str, Any]:
        if choice.recipient_address is None:
            raise invalid("once: needs recipientAddress")
        self._world.next_scenario_of.pop(choice.recipient_address, None)
        if choice.scenario is not None:
            self._world.next_scenario_of[choice.recipient_address] = self._scenario(choice.scenario)
        return {"scenario": choice.scenario}

    def _scenario(self, name: str) -> Scenario:
        try:
            return self._world.scenarios.get(name)
        except ScenarioError as error:
            raise unknown(str(error)) from None

    def _order(self, order_or_quote_id: str) -> SandboxOrder:
        quote = self._world.store.quotes.get(order_or_quote_id)
        if quote is None:
            return self._world.store.order(order_or_quote_id)
        order = self._world.store.order_of(quote)
        if order is None:
            raise unknown(f"{quote.id} has no order yet")
        return order

    def _quote_to_pay(self, body: DepositRequest) -> SandboxQuote:
        if body.quote_id is not None:
            return self._world.store.quote(body.quote_id)
        return self._world.store.quote_paid_at(body.deposit_address or "")


def admin_routes(world: SandboxWorld, journal: Journal) -> list[HttpRoute]:
    """Return the HTTP routes of the admin API."""
    admin, route = Admin(world, journal), partial(admin_route, world)
    return [
        route("GET", "/health", admin.health),
        route("POST", "/deposits", admin.deposit),
        route("GET", "/deposits", admin.deposits),
        route("POST", "/foreign-orders", admin.foreign_order),
        route("GET", "/scenarios", admin.scenarios),
        route("POST", "/scenario", admin.choose_scenario),
        route("GET", "/quotes", admin.quotes),
        route("POST", "/quotes/{id}/scenario", admin.choose_for_quote),
        route("POST", "/quotes/{id}/expire", admin.expire_quote),
        route("GET", "/orders", admin.orders),
        route("POST", "/orders/{id}/advance", admin.advance),
        route("POST", "/keys", admin.keys),
        route("POST", "/clock", admin.clock),
        route("POST", "/market", admin.market),
        route("GET", "/requests", admin.requests),
        *fault_routes(world),
        *affiliate_admin_routes(world),
    ]


def _required(choice: ScenarioChoice) -> str:
    if choice.scenario is None:
        raise invalid("scenario: is missing")
    return choice.scenario


def _deposit_document(deposit: SandboxDeposit) -> dict[str, Any]:
    return {
        **proof_of(deposit),
        "chain": deposit.chain,
        "amount": str(deposit.amount),
        "depositAddress": deposit.address,
        "visibleAt": iso(deposit.visible_at),
        "quoteId": deposit.quote_id,
        "orderId": deposit.order_id,
        "held": deposit.held,
    }


def _quote_document(quote: SandboxQuote, now: datetime) -> dict[str, Any]:
    return {**quote_record(quote, now), "scenario": quote.scenario.name, "orderId": quote.order_id}


def _pay_link(order: SandboxOrder) -> dict[str, Any]:
    link = order.quote.pay_link
    return {"payLinkId": link.id, "payLinkLabel": link.label} if link else {}


def _order_document(order: SandboxOrder) -> dict[str, Any]:
    return {
        **flat(order),
        "internalStatus": order.status,
        "scenario": order.quote.scenario.name,
        "moves": [{"status": status, "at": iso(at)} for status, at in order.moves],
        "plan": [step.status for step in order.plan],
        "stages": stages(order),
    }
