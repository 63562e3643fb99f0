"""The price of the order that a deposit makes, or the finding that the payer must be refunded. Pure.

Rules of the partner API reference: an exact-in order is recomputed from what arrived; an expired quote is repriced at
the present prices, within its own slippage bound; an exact-out order accepts a deposit between the required and the
highest accepted input, and refunds any other.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from baton.local.sandbox.engine.pricing import (
    Price,
    Prices,
    convert,
    highest_accepted_input,
    lowest_accepted,
    price_exact_in,
    price_exact_out,
)
from baton.local.sandbox.engine.routes import Direction
from baton.local.sandbox.engine.store import SandboxQuote


@dataclass(frozen=True)
class Settlement:
    """The order's price for what arrived, the prices used, and whether the deposit must be refunded instead."""

    price: Price
    prices: Prices
    must_refund: bool = False


def settle(quote: SandboxQuote, amount: int, now: datetime, live: Prices) -> Settlement:
    """Return the price of the order that a deposit starts.

    Args:
        quote: The quote that was paid.
        amount: Amount of the deposit, in smallest units of the source asset.
        now: Time of the detection.
        live: The present prices, for a quote that has expired.
    """
    prices = live if now > quote.expires_at else quote.prices
    if quote.request.is_exact_out:
        return _exact_out(quote, amount, prices)
    fees = quote.request.app_fees
    promised = price_exact_in(quote.route, amount, fees, quote.prices)
    price = price_exact_in(quote.route, amount, fees, prices)
    least = lowest_accepted(promised.amount_out, quote.request.slippage_bps)
    return Settlement(price, prices, must_refund=price.amount_out < least)


def _exact_out(quote: SandboxQuote, amount: int, prices: Prices) -> Settlement:
    required = price_exact_out(quote.route, quote.request.amount, prices).amount_in
    highest = highest_accepted_input(quote.price.amount_in)
    if not required <= amount <= highest:
        return Settlement(replace(quote.price, amount_in=amount), prices, must_refund=True)
    return Settlement(_with_surplus(quote, amount, prices), prices)


def _with_surplus(quote: SandboxQuote, amount: int, prices: Prices) -> Price:
    """Return the price with the input beyond the required one added to the rounding fee."""
    exact = price_exact_out(quote.route, quote.request.amount, prices)
    surplus = amount - exact.amount_in
    if quote.route.direction is Direction.SELL:
        worth = convert(amount, quote.route.source, quote.route.destination, prices)
        surplus = worth - exact.amount_out - exact.fee - exact.rounding_fee
    return replace(exact, amount_in=amount, rounding_fee=exact.rounding_fee + surplus)
