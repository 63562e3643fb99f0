"""What the sandbox holds in memory: quotes, deposits, orders, and the indexes to find them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestra.lifecycle import Status, public
from sandbox.addresses import transaction_key
from sandbox.errors import unknown
from sandbox.pricing import Price, Prices
from sandbox.quote_request import QuoteRequest
from sandbox.routes import Route
from sandbox.scenario import MoveStep, Scenario


@dataclass
class Quote:
    """A priced intent and its deposit instruction. `prices` are those it was priced at."""

    id: str
    partner: str
    request: QuoteRequest
    price: Price
    prices: Prices
    deposit_address: str
    receive_request: str | None
    created_at: datetime
    expires_at: datetime
    scenario: Scenario
    order_id: str | None = None

    @property
    def route(self) -> Route:
        """Return the route of the quote."""
        return self.request.route

    @property
    def chain(self) -> str:
        """Return the source chain's name."""
        return self.route.source.chain.name


@dataclass
class Deposit:
    """A payer's transfer on the simulated chain. `amount` in smallest units of the quote's source asset."""

    chain: str
    transaction: str
    vout: int | None
    address: str
    amount: int
    sender: str | None
    visible_at: datetime
    quote_id: str
    order_id: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return what a look-up by transaction compares."""
        return self.chain, transaction_key(self.transaction)


@dataclass
class Order:
    """An order on its way. `facts` holds what it has learnt, under the names of the flat record.

    `deposit` is None until somebody pays, `prices` are those it is settled at, and `changed` is set at its next change.
    """

    id: str
    quote: Quote
    deposit: Deposit | None
    price: Price
    prices: Prices
    status: Status
    created_at: datetime
    updated_at: datetime
    plan: deque[MoveStep]
    stepped: bool
    facts: dict[str, Any] = field(default_factory=dict)
    stages: list[tuple[str, datetime]] = field(default_factory=list)
    moves: list[tuple[Status, datetime]] = field(default_factory=list)
    completed_at: datetime | None = None
    shown_as: str | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def public_status(self) -> str:
        """Return the status that partners see."""
        return self.shown_as or public(self.status)

    def tell_watchers(self) -> None:
        """Wake whoever waits for the next change."""
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()


class Store:
    """Everything, by id. Look-ups of a partner never find what belongs to another."""

    def __init__(self) -> None:
        self.quotes: dict[str, Quote] = {}
        self.orders: dict[str, Order] = {}

    def quote(self, quote_id: str, partner: str | None = None) -> Quote:
        """Return a quote.

        Raises:
            ApiError: `not_found`: there is none, or it is another partner's.
        """
        found = self.quotes.get(quote_id)
        if found is None or partner not in (None, found.partner):
            raise unknown(f"no quote {quote_id}")
        return found

    def quote_paid_at(self, deposit_address: str) -> Quote:
        """Return the quote of a deposit address or invoice.

        Raises:
            ApiError: `not_found`.
        """
        for quote in self.quotes.values():
            if quote.deposit_address == deposit_address:
                return quote
        raise unknown(f"no quote has the deposit address {deposit_address}")

    def order(self, order_id: str, partner: str | None = None) -> Order:
        """Return an order.

        Raises:
            ApiError: `not_found`: there is none, or it is another partner's.
        """
        found = self.orders.get(order_id)
        if found is None or partner not in (None, found.quote.partner):
            raise unknown(f"no order {order_id}")
        return found

    def order_of(self, quote: Quote) -> Order | None:
        """Return the order that a quote became, if any."""
        return self.orders[quote.order_id] if quote.order_id else None

    def orders_of(self, partner: str, wanted: Callable[[Order], bool]) -> Iterator[Order]:
        """Yield a partner's orders for which `wanted` holds."""
        return (order for order in self.orders.values() if order.quote.partner == partner and wanted(order))
