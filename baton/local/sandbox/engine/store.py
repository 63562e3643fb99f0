"""Quotes, deposits, orders, addresses and links of the sandbox, and the indexes to find them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator

from baton.local.sandbox.engine.addresses import transaction_key
from baton.local.sandbox.engine.memory import Memory, StoredEvent, Table
from baton.local.sandbox.engine.pricing import Price, PricedAppFee, Prices
from baton.local.sandbox.engine.resources import FiatAmount, ReusableAddress, SandboxPayLink
from baton.local.sandbox.engine.routes import SandboxRoute
from baton.local.sandbox.engine.standing import StandingAddress
from baton.local.sandbox.errors import unknown
from baton.local.sandbox.scenarios.scenario import MoveStep, Scenario
from baton.orchestra.lifecycle import FIRST, Status, public

EXACT_IN, EXACT_OUT = "exact_in", "exact_out"
"""Amount modes: the request fixes the input, or the output."""


@dataclass(frozen=True)
class SandboxQuoteRequest:
    """A valid quote request. `amount` is the input or the output, whichever `amount_mode` fixes, in smallest units."""

    route: SandboxRoute
    amount: int
    amount_mode: str
    recipient: str
    refund_address: str | None
    slippage_bps: int
    zeroconf_enabled: bool | None
    app_fees: tuple[PricedAppFee, ...]

    @property
    def is_exact_out(self) -> bool:
        """Whether the output is given and the input computed."""
        return self.amount_mode == EXACT_OUT


def _store(info: ValidationInfo) -> "Store":
    assert isinstance(info.context, Store)
    return info.context


def _stored_link(link_id: str | None, info: ValidationInfo) -> SandboxPayLink | None:
    store = _store(info)
    return store.pay_links[link_id] if link_id else None


def _link_id(link: SandboxPayLink | None) -> str | None:
    return link.id if link else None


@dataclass
class SandboxQuote:
    """A priced intent and its deposit instruction. `prices` are the prices at its creation.

    Deposits to reusable addresses get a quote too, but partners never see it: to them, such orders have no quote.
    """

    id: str
    partner: str
    request: SandboxQuoteRequest
    price: Price
    prices: Prices
    deposit_address: str
    receive_request: str | None
    created_at: datetime
    expires_at: datetime
    scenario: Scenario
    order_id: str | None = None
    is_shown: bool = True
    fiat: FiatAmount | None = None
    pay_link: Annotated[SandboxPayLink | None, PlainValidator(_stored_link), PlainSerializer(_link_id)] = None

    @property
    def route(self) -> SandboxRoute:
        """Return the route of the quote."""
        return self.request.route

    @property
    def chain(self) -> str:
        """Return the source chain's name."""
        return self.route.source.chain.name


@dataclass
class SandboxDeposit:
    """A payer's transfer on the simulated chain. `amount` in smallest units of the asset.

    Attributes:
        chain: Name of its chain.
        transaction: Its transaction.
        vout: Its output on Bitcoin.
        address: Address that it pays.
        amount: Amount in smallest units.
        sender: Its sender, where the chain names one.
        visible_at: When the chain shows it.
        quote_id: The quote that it pays; empty for a deposit to a reusable address that is no order.
        order_id: The order that it became.
        detect_after: Seconds after which Orchestra sees it without a submit; None if it does not, or has.
        position: What tells it from another deposit of the same transaction, except on Bitcoin.
        payee_id: Id of the reusable address that it pays.
        asset: Symbol of the asset that a reusable address was paid in.
        held: Why it is no order, as a code; None if it is or will be one.
        refund_to: Address to which its refund was requested.
        batch_id: The request of its refund.
    """

    chain: str
    transaction: str
    vout: int | None
    address: str
    amount: int
    sender: str | None
    visible_at: datetime
    quote_id: str
    order_id: str | None = None
    detect_after: float | None = None
    position: str = ""
    payee_id: str | None = None
    asset: str | None = None
    held: str | None = None
    refund_to: str | None = None
    batch_id: str | None = None

    @property
    def place(self) -> str:
        """Return where in its transaction it is."""
        return self.position if self.vout is None else str(self.vout)

    @property
    def id(self) -> str:
        """Return the key under which the store keeps the deposit."""
        return f"{self.chain}/{transaction_key(self.transaction)}/{self.place}"

    @property
    def key(self) -> tuple[str, str]:
        """Return the key of a lookup by transaction: the chain and the normalized transaction id."""
        return self.chain, transaction_key(self.transaction)


def _stored_quote(quote_id: str, info: ValidationInfo) -> SandboxQuote:
    store = _store(info)
    return store.any_quote(quote_id)


def _quote_id(quote: SandboxQuote) -> str:
    return quote.id


def _stored_deposit(value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo) -> SandboxDeposit | None:
    """Return the store's deposit, which the order shares with the chain; a replaced one is the order's alone."""
    store = _store(info)
    deposit: SandboxDeposit | None = validate(value)
    return deposit and store.deposits.get(deposit.id, deposit)


@dataclass
class SandboxOrder:
    """An order. `facts` are the fields that its moves have set, under the names of the flat record.

    `deposit` is None until somebody pays, `prices` are the prices of its settlement, `shown` are the statuses that
    partners have seen, `is_hidden` hides it from its partner, and `changed` is set at its next change.
    """

    id: str
    quote: Annotated[SandboxQuote, PlainValidator(_stored_quote), PlainSerializer(_quote_id)]
    deposit: Annotated[SandboxDeposit | None, WrapValidator(_stored_deposit)]
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
    shown: list[str] = field(default_factory=lambda: [FIRST.value])
    shown_as: str | None = None
    is_hidden: bool = False
    changed: StoredEvent = field(default_factory=asyncio.Event, repr=False, compare=False)

    @property
    def public_status(self) -> str:
        """Return the status that partners see."""
        return self.shown_as or public(self.status)

    def notify_watchers(self) -> None:
        """Wake the waiters for the next change."""
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()


class Store:
    """Quotes, deposits, orders, addresses and links by id. A partner never finds another partner's.

    Args:
        memory: Keeps them.

    Raises:
        StateFileError: The memory's file has something that cannot be read.
    """

    def __init__(self, memory: Memory) -> None:
        self.addresses: Table[ReusableAddress] = memory.table("addresses", ReusableAddress)
        self.standing: Table[StandingAddress] = memory.table("standing_addresses", StandingAddress)
        self.pay_links: Table[SandboxPayLink] = memory.table("pay_links", SandboxPayLink)
        self.quotes: Table[SandboxQuote] = memory.table("quotes", SandboxQuote, self)
        self._unshown: Table[SandboxQuote] = memory.table("unshown_quotes", SandboxQuote, self)
        self.short_links: Table[str] = memory.table("short_links", str)
        self.deposits: Table[SandboxDeposit] = memory.table("deposits", SandboxDeposit)
        self.orders: Table[SandboxOrder] = memory.table("orders", SandboxOrder, self)
        self._paid_at = {quote.deposit_address: quote for quote in self.quotes.values()}

    def add(self, quote: SandboxQuote) -> None:
        """Keep a quote under its id; one that partners see is found by its deposit address too."""
        if not quote.is_shown:
            self._unshown[quote.id] = quote
            return
        self.quotes[quote.id] = quote
        self._paid_at[quote.deposit_address] = quote

    def changed(self, order: SandboxOrder) -> None:
        """Have an order written that has changed, with its quote and its deposit."""
        self.orders.changed(order.id)
        self.quote_changed(order.quote)
        if order.deposit is not None:
            self.deposits.changed(order.deposit.id)

    def moved(self, order: SandboxOrder) -> None:
        """Have an order written that has changed, while its quote and its deposit have not."""
        self.orders.changed(order.id)

    def quote_changed(self, quote: SandboxQuote) -> None:
        """Have a quote written that has changed."""
        (self.quotes if quote.is_shown else self._unshown).changed(quote.id)

    def any_quote(self, quote_id: str) -> SandboxQuote:
        """Return a quote, also one that partners never see.

        Raises:
            KeyError: There is none.
        """
        quote = self.quotes.get(quote_id)
        return self._unshown[quote_id] if quote is None else quote

    def quote(self, quote_id: str, partner: str | None = None) -> SandboxQuote:
        """Return a quote.

        Raises:
            ApiError: `not_found`: there is none, or it is another partner's.
        """
        quote = self.quotes.get(quote_id)
        if quote is None or partner not in (None, quote.partner):
            raise unknown(f"no quote {quote_id}")
        return quote

    def quote_paid_at(self, deposit_address: str) -> SandboxQuote:
        """Return the quote of a deposit address or invoice.

        Raises:
            ApiError: `not_found`.
        """
        if deposit_address not in self._paid_at:
            raise unknown(f"no quote has the deposit address {deposit_address}")
        return self._paid_at[deposit_address]

    def order(self, order_id: str, partner: str | None = None) -> SandboxOrder:
        """Return an order.

        Raises:
            ApiError: `not_found`: there is none, or it is another partner's.
        """
        order = self.orders.get(order_id)
        if order is None or (partner is not None and (order.is_hidden or order.quote.partner != partner)):
            raise unknown(f"no order {order_id}")
        return order

    def order_of(self, quote: SandboxQuote) -> SandboxOrder | None:
        """Return the order that a quote became, if any."""
        return self.orders[quote.order_id] if quote.order_id else None

    def shown_order_of(self, quote: SandboxQuote) -> SandboxOrder | None:
        """Return the order that a quote became, if partners may see it."""
        order = self.order_of(quote)
        return None if order is None or order.is_hidden else order

    def orders_of(self, partner: str, matches: Callable[[SandboxOrder], bool]) -> Iterator[SandboxOrder]:
        """Return the partner's orders that match."""
        return (
            order
            for order in self.orders.values()
            if order.quote.partner == partner and not order.is_hidden and matches(order)
        )
