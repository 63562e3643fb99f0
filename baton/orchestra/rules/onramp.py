"""The API's rules for onramp orders, checked before a request is sent. Pure.

Each objection names the field, as the API spells it, and the remedy. Routes, prices and addresses are not checked here.
Source: the partner API reference, onramp, quote and errors.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from baton.orchestra.models import EstimateRequest
from baton.orchestra.onramp_models import OnrampCreated, OnrampRequest

LEAST_CENTS = 100
MOST_CENTS = 5_000_000
MAX_FEES = 16
MAX_FEE_BPS = 10_000
MAX_SLIPPAGE_BPS = 1_000
STABLECOINS = frozenset({"USDB", "USDC", "USDT", "PathUSD", "USDC.e", "USD₮0", "DAI"})
PASSTHROUGH = frozenset({("spark", "BTC"), ("bitcoin", "BTC")})
"""Destinations that receive the bitcoin itself: nothing is exchanged, so exact-out and fees are not possible."""

_FEWEST_DECIMALS = 6
_DOLLARS = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,2}))?")
_AFFILIATE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CASH_APP = "https://cash.app/launch/lightning/"


class OnrampObjection(NamedTuple):
    """One thing that is wrong with a request: the field, and the remedy."""

    field: str
    remedy: str


class OnrampError(ValueError):
    """The request breaks a rule of the onramp.

    Attributes:
        field: The field to correct, in the API's spelling.
    """

    def __init__(self, objection: OnrampObjection) -> None:
        super().__init__(f"{objection.field}: {objection.remedy}")
        self.field = objection.field


def usd_cents(amount: str) -> int:
    """Return US dollars as cents, exactly.

    Args:
        amount: Dollars as a decimal string such as `"25.00"`, at most two decimals.

    Raises:
        ValueError: It is not such a string.
    """
    match = _DOLLARS.fullmatch(amount)
    if match is None:
        raise ValueError("write US dollars as digits with at most two decimals, such as 25.00")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def is_passthrough(chain: str, asset: str) -> bool:
    """Whether a destination receives the bitcoin itself."""
    return (chain, asset) in PASSTHROUGH


def objections(request: OnrampRequest, decimals: int | None = None) -> list[OnrampObjection]:
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


def _one_amount(request: OnrampRequest) -> OnrampObjection | None:
    if request.amount is not None and request.amount_fiat_usd is not None:
        return OnrampObjection("amount", "cannot be combined with amountFiatUsd; leave one of them out")
    if request.amount is None and request.amount_fiat_usd is None:
        remedy = "is missing; give it in sats (exact_in) or destination units (exact_out), or give amountFiatUsd"
        return OnrampObjection("amount", remedy)
    return OnrampObjection("amount", "must be above 0") if request.amount == 0 else None


def _dollar_bounds(request: OnrampRequest) -> OnrampObjection | None:
    if request.amount_fiat_usd is None:
        return None
    try:
        cents = usd_cents(request.amount_fiat_usd)
    except ValueError as error:
        return OnrampObjection("amountFiatUsd", str(error))
    if not LEAST_CENTS <= cents <= MOST_CENTS:
        return OnrampObjection("amountFiatUsd", "must be between 1.00 and 50000.00 US dollars")
    return None


def _mode(request: OnrampRequest) -> OnrampObjection | None:
    if request.amount_mode not in (None, "exact_in", "exact_out"):
        return OnrampObjection("amountMode", "must be exact_in or exact_out; left out it is exact_in")
    return None


def _dollars_are_exact_in(request: OnrampRequest) -> OnrampObjection | None:
    if request.amount_fiat_usd is not None and request.amount_mode == "exact_out":
        return OnrampObjection(
            "amountMode", "exact_out cannot be combined with amountFiatUsd, which is always exact_in"
        )
    return None


def _passes_through(request: OnrampRequest) -> bool:
    return is_passthrough(request.destination_chain, request.destination_asset)


def _destination(request: OnrampRequest) -> str:
    return f"{request.destination_chain}:{request.destination_asset}"


def _passthrough_is_exact_in(request: OnrampRequest) -> OnrampObjection | None:
    if request.amount_mode == "exact_out" and _passes_through(request):
        return OnrampObjection("amountMode", f"exact_out is not offered to {_destination(request)}; use exact_in")
    return None


def _fee_fields(request: OnrampRequest) -> Iterator[str]:
    yield from ("appFees",) if request.app_fees else ()
    yield from ("affiliateId",) if request.affiliate_id else ()
    yield from ("affiliateIds",) if request.affiliate_ids else ()


def _no_fees_on_passthrough(request: OnrampRequest) -> OnrampObjection | None:
    field = next(_fee_fields(request), None)
    if field and _passes_through(request):
        return OnrampObjection(field, f"fees are not possible to {_destination(request)}; leave it out")
    return None


def _no_fees_with_exact_out(request: OnrampRequest) -> OnrampObjection | None:
    field = next(_fee_fields(request), None)
    if field and request.amount_mode == "exact_out":
        return OnrampObjection(field, "fees are not possible with amountMode exact_out; leave it out or use exact_in")
    return None


def _one_kind_of_fee(request: OnrampRequest) -> OnrampObjection | None:
    kinds = list(_fee_fields(request))
    if "appFees" in kinds and len(kinds) > 1:
        return OnrampObjection("appFees", f"cannot be combined with {' and '.join(kinds[1:])}; leave one of them out")
    return None


def _app_fees(request: OnrampRequest) -> OnrampObjection | None:
    fees = request.app_fees or []
    if len(fees) > MAX_FEES:
        return OnrampObjection("appFees", f"has {len(fees)} fees; at most {MAX_FEES} are possible")
    total = sum(fee.fee for fee in fees)
    if total > MAX_FEE_BPS:
        return OnrampObjection("appFees", f"add up to {total} basis points; at most {MAX_FEE_BPS} are possible")
    return None


def _affiliates(request: OnrampRequest) -> OnrampObjection | None:
    several = request.affiliate_ids
    if several is not None and not 1 <= len(several) <= MAX_FEES:
        return OnrampObjection("affiliateIds", f"has {len(several)} affiliates; give 1 to {MAX_FEES} or leave it out")
    names = [entry if isinstance(entry, str) else entry.affiliate_id for entry in several or []]
    for field, name in [("affiliateId", request.affiliate_id), *(("affiliateIds", name) for name in names)]:
        if name is not None and not _AFFILIATE.fullmatch(name):
            return OnrampObjection(
                field, "an affiliate's id has 1 to 64 of a-z, 0-9, _ and -, the first a letter or digit"
            )
    return None


def _slippage(request: OnrampRequest) -> OnrampObjection | None:
    if request.slippage_bps is not None and not 0 <= request.slippage_bps <= MAX_SLIPPAGE_BPS:
        return OnrampObjection("slippageBps", f"must be between 0 and {MAX_SLIPPAGE_BPS} basis points")
    return None


def _whole_cents(request: OnrampRequest, decimals: int) -> OnrampObjection | None:
    if request.amount_mode != "exact_out" or request.amount is None or request.destination_asset not in STABLECOINS:
        return None
    cent: int = 10 ** max(decimals - 2, 0)
    if request.amount % cent:
        return OnrampObjection(
            "amount", f"exact_out in {request.destination_asset} takes whole cents: a multiple of {cent}"
        )
    return None


_RULES: tuple[Callable[[OnrampRequest], OnrampObjection | None], ...] = (
    _one_amount,
    _dollar_bounds,
    _mode,
    _dollars_are_exact_in,
    _passthrough_is_exact_in,
    _no_fees_on_passthrough,
    _no_fees_with_exact_out,
    _one_kind_of_fee,
    _app_fees,
    _affiliates,
    _slippage,
)
