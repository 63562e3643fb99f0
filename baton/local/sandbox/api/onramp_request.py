"""The body of `POST /onramp`: a Lightning payment, with its amount given in one of three ways.

`amount` counts sats for `exact_in` and destination units for `exact_out`; `amountFiatUsd` is converted into sats at
the spot price. Source: the partner API reference, onramp.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from baton.local.sandbox.api.fields import Body, optional_text
from baton.local.sandbox.api.quote_request import parse_quote_request
from baton.local.sandbox.engine.affiliates import NO_TERMS, Terms
from baton.local.sandbox.engine.assets import ASSETS, DOLLAR
from baton.local.sandbox.engine.pricing import convert
from baton.local.sandbox.engine.resources import FiatAmount
from baton.local.sandbox.engine.store import EXACT_OUT, SandboxQuoteRequest
from baton.local.sandbox.errors import ApiError, invalid

MIN_FIAT_CENTS = 100
MAX_FIAT_CENTS = 5_000_000

_DOLLARS = re.compile(r"(?P<whole>[0-9]{1,9})(?:\.(?P<part>[0-9]{1,2}))?")
_SOURCE = {"sourceChain": "lightning", "sourceAsset": "BTC"}
_KNOWN = frozenset(
    {
        *("destinationChain", "destinationAsset", "recipientAddress", "amount", "amountFiatUsd", "amountMode"),
        *("slippageBps", "appFees", "affiliateId", "affiliateIds", "refundAddress"),
    }
)


@dataclass(frozen=True)
class SandboxOnrampRequest:
    """A valid onramp request."""

    quote: SandboxQuoteRequest
    fiat: FiatAmount | None
    ignored: tuple[str, ...]


def parse_onramp_request(
    body: Body, prices: Mapping[str, int], affiliates: Terms = NO_TERMS, *, spot_known: bool
) -> SandboxOnrampRequest:
    """Return the validated body of an onramp request.

    Args:
        body: The body.
        prices: The present prices; bitcoin's is the spot price.
        affiliates: The partner's registered affiliates.
        spot_known: Whether the spot price is available now.

    Raises:
        ApiError: The body is invalid; the code is the documented one of its first error, the message names the field.
    """
    fiat = _fiat(body, prices, spot_known=spot_known)
    fields = {name: value for name, value in body.items() if name in _KNOWN} | _SOURCE
    if fiat is not None:
        fields["amount"] = str(_sats(fiat, prices))
    request = parse_quote_request(fields, affiliates, refund_required=False)
    return SandboxOnrampRequest(request, fiat, tuple(sorted(set(body) - _KNOWN)))


def read_dollars(value: str, name: str) -> int:
    """Return an amount of dollars such as `"25.00"` in cents.

    Raises:
        ApiError: `invalid_request`, naming the field: not an amount of dollars, or outside the bounds.
    """
    match = _DOLLARS.fullmatch(value)
    cents = int(match["whole"]) * 100 + int((match["part"] or "0").ljust(2, "0")) if match else 0
    if not MIN_FIAT_CENTS <= cents <= MAX_FIAT_CENTS:
        raise invalid(f'{name} must be an amount from "1.00" to "50000.00"')
    return cents


def _fiat(body: Body, prices: Mapping[str, int], *, spot_known: bool) -> FiatAmount | None:
    amount = optional_text(body, "amountFiatUsd")
    if (amount is None) == (body.get("amount") is None):
        raise invalid("give exactly one of amount and amountFiatUsd")
    if amount is None:
        return None
    if body.get("amountMode") == EXACT_OUT:
        raise invalid("amountFiatUsd cannot be combined with amountMode exact_out")
    cents = read_dollars(amount, "amountFiatUsd")
    if not spot_known:
        raise ApiError("spot_unavailable", "the BTC/USD spot price is not available now; try again later")
    return FiatAmount(cents, prices["BTC"])


def _sats(fiat: FiatAmount, prices: Mapping[str, int]) -> int:
    dollar, bitcoin = ASSETS[("spark", "USDB")], ASSETS[("lightning", "BTC")]
    return convert(fiat.cents * dollar.unit // 100, dollar, bitcoin, {**prices, "USDB": DOLLAR})
