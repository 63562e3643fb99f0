"""Rules for the fields that onramps, off-ramps and pay links share: dollars, fees, slippage. Pure.

Each objection names the field, as the API spells it, and the remedy. Source: the partner API reference, quote, onramp
and affiliates.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from baton.orchestra.models import AffiliateFee, AppFee

LEAST_CENTS = 100
MOST_CENTS = 5_000_000
MAX_FEES = 16
MAX_FEE_BPS = 10_000
MAX_SLIPPAGE_BPS = 1_000

_DOLLARS = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,2}))?")
_AFFILIATE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class FieldObjection(NamedTuple):
    """One thing that is wrong with a request: the field, and the remedy."""

    field: str
    remedy: str


class FieldError(ValueError):
    """The request breaks a rule.

    Attributes:
        field: The field to correct, in the API's spelling.
    """

    def __init__(self, objection: FieldObjection) -> None:
        super().__init__(f"{objection.field}: {objection.remedy}")
        self.field = objection.field


class FeeRequest(Protocol):
    """The fields of a request that say who takes a fee."""

    @property
    def app_fees(self) -> list[AppFee] | None:
        """The partner's own fees."""

    @property
    def affiliate_id(self) -> str | None:
        """One registered affiliate."""

    @property
    def affiliate_ids(self) -> list[str | AffiliateFee] | None:
        """Several registered affiliates."""


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


def dollar_objection(amount: str | None) -> FieldObjection | None:
    """Return what is wrong with `amountFiatUsd`; None if it keeps the rules or is left out."""
    if amount is None:
        return None
    try:
        cents = usd_cents(amount)
    except ValueError as error:
        return FieldObjection("amountFiatUsd", str(error))
    if not LEAST_CENTS <= cents <= MOST_CENTS:
        return FieldObjection("amountFiatUsd", "must be between 1.00 and 50000.00 US dollars")
    return None


def fee_fields(request: FeeRequest) -> Iterator[str]:
    """Yield the names of the fields by which somebody takes a fee."""
    yield from ("appFees",) if request.app_fees else ()
    yield from ("affiliateId",) if request.affiliate_id else ()
    yield from ("affiliateIds",) if request.affiliate_ids else ()


def one_kind_of_fee(request: FeeRequest) -> FieldObjection | None:
    """Return an objection if the partner's own fees and affiliates are combined."""
    kinds = list(fee_fields(request))
    if "appFees" in kinds and len(kinds) > 1:
        return FieldObjection("appFees", f"cannot be combined with {' and '.join(kinds[1:])}; leave one of them out")
    return None


def app_fees_objection(request: FeeRequest) -> FieldObjection | None:
    """Return what is wrong with the partner's own fees."""
    fees = request.app_fees or []
    if len(fees) > MAX_FEES:
        return FieldObjection("appFees", f"has {len(fees)} fees; at most {MAX_FEES} are possible")
    total = sum(fee.fee for fee in fees)
    if total > MAX_FEE_BPS:
        return FieldObjection("appFees", f"add up to {total} basis points; at most {MAX_FEE_BPS} are possible")
    return None


def affiliates_objection(request: FeeRequest) -> FieldObjection | None:
    """Return what is wrong with the affiliates."""
    several = request.affiliate_ids
    if several is not None and not 1 <= len(several) <= MAX_FEES:
        return FieldObjection("affiliateIds", f"has {len(several)} affiliates; give 1 to {MAX_FEES} or leave it out")
    names = [entry if isinstance(entry, str) else entry.affiliate_id for entry in several or []]
    for name in names:
        if objection := affiliate_objection(name, "affiliateIds"):
            return objection
    return affiliate_objection(request.affiliate_id)


def affiliate_objection(name: str | None, field: str = "affiliateId") -> FieldObjection | None:
    """Return what is wrong with an affiliate's id; None if it is well formed or left out."""
    if name is None or _AFFILIATE.fullmatch(name):
        return None
    return FieldObjection(field, "an affiliate's id has 1 to 64 of a-z, 0-9, _ and -, the first a letter or digit")


def slippage_objection(slippage_bps: int | None) -> FieldObjection | None:
    """Return what is wrong with `slippageBps`; None if it keeps the rules or is left out."""
    if slippage_bps is not None and not 0 <= slippage_bps <= MAX_SLIPPAGE_BPS:
        return FieldObjection("slippageBps", f"must be between 0 and {MAX_SLIPPAGE_BPS} basis points")
    return None
