"""The API's rules for onramp orders, checked before a request is sent. Pure.

Each objection names the field, as the API spells it, and the remedy. Routes, prices and addresses are not checked here.
Source: the partner API reference, onramp, quote and errors.
"""

from collections.abc import Callable

from baton.orchestra.models import EstimateRequest
from baton.orchestra.onramp_models import OnrampCreated, OnrampRequest
from baton.orchestra.rules.request_fields import (
    FieldError,
    FieldObjection,
    affiliates_objection,
    app_fees_objection,
    dollar_objection,
    fee_fields,
    one_kind_of_fee,
    slippage_objection,
    usd_cents,
)

STABLECOINS = frozenset({"USDB", "USDC", "USDT", "PathUSD", "USDC.e", "USD₮0", "DAI"})
PASSTHROUGH = frozenset({("spark", "BTC"), ("bitcoin", "BTC")})
"""Destinations that receive the bitcoin itself: nothing is exchanged, so exact-out and fees are not possible."""

_FEWEST_DECIMALS = 6
_CASH_APP = "https://cash.app/launch/lightning/"


class OnrampError(FieldError):
    """The request breaks a rule of the onramp."""


def is_passthrough(chain: str, asset: str) -> bool:
    """Whether a destination receives the bitcoin itself."""
    return (chain, asset) in PASSTHROUGH


def objections(request: OnrampRequest, decimals: int | None = None) -> list[FieldObjection]:
    """Return everything that is wrong with a request; empty when it keeps the rules.

    Args:
        request: The request.
        decimals: Decimals of the destination asset, from the routes. Without them six are assumed, the fewest of any
            stablecoin, so that an asset with more is checked less strictly.
    """
    results = [rule(request) for rule in _RULES]
    results.append(_whole_cents(request, _FEWEST_DECIMALS if decimals is None else decimals))
    return [objection for objection in results if objection is not None]


def check(request: OnrampRequest, decimals: int | None = None) -> None:
    """Make sure that a request keeps the rules, see `objections`.

    Raises:
        OnrampError: It does not; the error is the first objection.
    """
    for objection in objections(request, decimals):
        raise OnrampError(objection)


def deeplink(created: OnrampCreated) -> str:
    """Return the content for a QR code: the link that opens the payment app, never the bare invoice."""
    links = created.payment_links
    return (links.cash_app if links else None) or deeplink_of(created.deposit_address)


def deeplink_of(invoice: str) -> str:
    """Return the link that opens the payment app for an invoice."""
    return f"{_CASH_APP}{invoice}"


def cents_of(request: OnrampRequest) -> int | None:
    """Return what a request asks the payer for in US cents; None where the request alone does not say.

    It does for an amount in US dollars, and for an exact output in a stablecoin of six decimals, without fees.
    """
    if request.amount_fiat_usd is not None:
        return usd_cents(request.amount_fiat_usd)
    exact = request.amount_mode == "exact_out" and request.destination_asset in STABLECOINS
    return None if not exact or request.amount is None else -(-request.amount // 10 ** (_FEWEST_DECIMALS - 2))


def dollar_estimate(sats: int) -> EstimateRequest:
    """Return the estimate request for the value of sats in US dollars: a price in a dollar token of six decimals."""
    return EstimateRequest(
        source_chain="lightning", source_asset="BTC", destination_chain="spark", destination_asset="USDB", amount=sats
    )


def _one_amount(request: OnrampRequest) -> FieldObjection | None:
    if request.amount is not None and request.amount_fiat_usd is not None:
        return FieldObjection("amount", "cannot be combined with amountFiatUsd; leave one of them out")
    if request.amount is None and request.amount_fiat_usd is None:
        remedy = "is missing; give it in sats (exact_in) or destination units (exact_out), or give amountFiatUsd"
        return FieldObjection("amount", remedy)
    return FieldObjection("amount", "must be above 0") if request.amount == 0 else None


def _mode(request: OnrampRequest) -> FieldObjection | None:
    if request.amount_mode not in (None, "exact_in", "exact_out"):
        return FieldObjection("amountMode", "must be exact_in or exact_out; left out it is exact_in")
    return None


def _dollars_are_exact_in(request: OnrampRequest) -> FieldObjection | None:
    if request.amount_fiat_usd is not None and request.amount_mode == "exact_out":
        return FieldObjection("amountMode", "exact_out cannot be combined with amountFiatUsd, which is always exact_in")
    return None


def _passes_through(request: OnrampRequest) -> bool:
    return is_passthrough(request.destination_chain, request.destination_asset)


def _destination(request: OnrampRequest) -> str:
    return f"{request.destination_chain}:{request.destination_asset}"


def _passthrough_is_exact_in(request: OnrampRequest) -> FieldObjection | None:
    if request.amount_mode == "exact_out" and _passes_through(request):
        return FieldObjection("amountMode", f"exact_out is not offered to {_destination(request)}; use exact_in")
    return None


def _no_fees_on_passthrough(request: OnrampRequest) -> FieldObjection | None:
    field = next(fee_fields(request), None)
    if field and _passes_through(request):
        return FieldObjection(field, f"fees are not possible to {_destination(request)}; leave it out")
    return None


def _no_fees_with_exact_out(request: OnrampRequest) -> FieldObjection | None:
    field = next(fee_fields(request), None)
    if field and request.amount_mode == "exact_out":
        return FieldObjection(field, "fees are not possible with amountMode exact_out; leave it out or use exact_in")
    return None


def _whole_cents(request: OnrampRequest, decimals: int) -> FieldObjection | None:
    if request.amount_mode != "exact_out" or request.amount is None or request.destination_asset not in STABLECOINS:
        return None
    cent: int = 10 ** max(decimals - 2, 0)
    if request.amount % cent:
        return FieldObjection(
            "amount", f"exact_out in {request.destination_asset} takes whole cents: a multiple of {cent}"
        )
    return None


_RULES: tuple[Callable[[OnrampRequest], FieldObjection | None], ...] = (
    _one_amount,
    lambda request: dollar_objection(request.amount_fiat_usd),
    _mode,
    _dollars_are_exact_in,
    _passthrough_is_exact_in,
    _no_fees_on_passthrough,
    _no_fees_with_exact_out,
    one_kind_of_fee,
    app_fees_objection,
    affiliates_objection,
    lambda request: slippage_objection(request.slippage_bps),
)
