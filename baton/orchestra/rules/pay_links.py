"""The API's rules for pay links, checked before a request is sent. Pure.

Each objection names the field, as the API spells it, and the remedy. Routes are not checked here. A link is permanent,
so its recipient is checked as far as that is possible without asking the chain. Source: the partner API reference, pay
links.
"""

from collections.abc import Callable

from baton.encoding.addresses import address_objection
from baton.orchestra.models import QuoteRequest
from baton.orchestra.pay_link_models import PayLinkRequest
from baton.orchestra.rules.request_fields import FieldError, FieldObjection, affiliate_objection, dollar_objection

PAY_LINK_ASSETS = ("USDB", "USDC", "USDT", "PathUSD")
"""What a pay link can deliver."""

_CENT = 10_000
"""Smallest units of a cent of the assets with the fewest decimals; an asset with more is checked less strictly."""

_EXCLUDED_CHAINS = ("hedera",)


class PayLinkError(FieldError):
    """The request breaks a rule of pay links."""


def pay_link_objections(request: PayLinkRequest) -> list[FieldObjection]:
    """Return everything that is wrong with a request; empty when it keeps the rules."""
    return [objection for rule in _RULES if (objection := rule(request)) is not None]


def check_pay_link(request: PayLinkRequest) -> None:
    """Make sure that a request keeps the rules, see `pay_link_objections`.

    Raises:
        PayLinkError: It does not; the error is the first objection.
    """
    for objection in pay_link_objections(request):
        raise PayLinkError(objection)


def quote_of_link(request: PayLinkRequest) -> QuoteRequest:
    """Return what a visit of the link exchanges, to check the route."""
    return QuoteRequest(
        source_chain="lightning",
        source_asset="BTC",
        destination_chain=request.destination_chain,
        destination_asset=request.destination_asset,
        amount=request.amount_out or 0,
        amount_mode="exact_out" if request.amount_out is not None else None,
        recipient_address=request.recipient_address,
    )


def _one_amount(request: PayLinkRequest) -> FieldObjection | None:
    if request.amount_out is not None and request.amount_fiat_usd is not None:
        return FieldObjection("amountOut", "cannot be combined with amountFiatUsd; leave one of them out")
    if request.amount_out is None and request.amount_fiat_usd is None:
        return FieldObjection("amountOut", "is missing; give it in smallest destination units, or give amountFiatUsd")
    return None


def _whole_cents(request: PayLinkRequest) -> FieldObjection | None:
    if request.amount_out is None:
        return None
    if request.amount_out == 0 or request.amount_out % _CENT:
        return FieldObjection("amountOut", f"must be whole cents above 0: a multiple of {_CENT} smallest units")
    return None


def _destination(request: PayLinkRequest) -> FieldObjection | None:
    if request.destination_asset not in PAY_LINK_ASSETS:
        return FieldObjection("destinationAsset", f"must be one of {', '.join(PAY_LINK_ASSETS)}")
    if request.destination_chain in _EXCLUDED_CHAINS:
        return FieldObjection("destinationChain", f"{request.destination_chain} takes no pay links; use another chain")
    return None


def _recipient(request: PayLinkRequest) -> FieldObjection | None:
    problem = address_objection(request.destination_chain, request.recipient_address, testnets=True)
    return FieldObjection("recipientAddress", problem) if problem else None


_RULES: tuple[Callable[[PayLinkRequest], FieldObjection | None], ...] = (
    _one_amount,
    lambda request: dollar_objection(request.amount_fiat_usd),
    _whole_cents,
    _destination,
    _recipient,
    lambda request: affiliate_objection(request.affiliate_id),
)
