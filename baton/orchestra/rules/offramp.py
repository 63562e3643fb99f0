"""The API's rules for off-ramps, checked before a request is sent. Pure.

Each objection names the field, as the API spells it, and the remedy. Routes and prices are not checked here. Source:
the partner API reference, off-ramp.
"""

import re
from collections.abc import Callable

from baton.encoding.addresses import address_objection
from baton.encoding.lightning import is_lightning_address
from baton.orchestra.offramp_models import OfframpRequest
from baton.orchestra.rules.request_fields import (
    FieldError,
    FieldObjection,
    affiliates_objection,
    app_fees_objection,
    fee_fields,
    one_kind_of_fee,
    slippage_objection,
)

_CASH_APP_NAME = re.compile(r"\$?(?=[0-9_-]*[a-z])[a-z0-9_-]{1,20}", re.IGNORECASE)
"""A name with or without its dollar sign: at most 20 characters, one of them a letter."""

_CASH_APP_HOST = "cash.app"


class OfframpError(FieldError):
    """The request breaks a rule of the off-ramp."""


def is_cash_app_name(recipient: str) -> bool:
    """Whether a recipient is a Cash App name such as `$name` or `name`."""
    return _CASH_APP_NAME.fullmatch(recipient) is not None


def lightning_address_of(recipient: str) -> str:
    """Return the Lightning address that is paid: a Cash App name stands for `name@cash.app`."""
    if is_cash_app_name(recipient):
        return f"{recipient.removeprefix('$')}@{_CASH_APP_HOST}"
    return recipient


def objections(request: OfframpRequest) -> list[FieldObjection]:
    """Return everything that is wrong with a request; empty when it keeps the rules."""
    return [objection for rule in _RULES if (objection := rule(request)) is not None]


def check(request: OfframpRequest) -> None:
    """Make sure that a request keeps the rules, see `objections`.

    Raises:
        OfframpError: It does not; the error is the first objection.
    """
    for objection in objections(request):
        raise OfframpError(objection)


def _amount(request: OfframpRequest) -> FieldObjection | None:
    return FieldObjection("amount", "must be above 0, in smallest units") if request.amount == 0 else None


def _recipient(request: OfframpRequest) -> FieldObjection | None:
    recipient = request.recipient_address
    if is_cash_app_name(recipient) or is_lightning_address(recipient):
        return None
    remedy = "must be a Cash App name ($name) or a Lightning address (name@host); invoices and links are not accepted"
    return FieldObjection("recipientAddress", remedy)


def _refund(request: OfframpRequest) -> FieldObjection | None:
    """Require a refund address: the recipient is looked up at delivery only, so a paid order can still fail."""
    address = request.refund_address
    if not address:
        remedy = f"is missing; give an address on {request.source_chain}, because a payout can fail after the deposit"
        return FieldObjection("refundAddress", remedy)
    problem = address_objection(request.source_chain, address, testnets=True)
    return FieldObjection("refundAddress", problem) if problem else None


def _no_fees_from_bitcoin(request: OfframpRequest) -> FieldObjection | None:
    field = next(fee_fields(request), None)
    if field and request.source_asset == "BTC":
        return FieldObjection(field, "fees are not possible where BTC is paid in and paid out; leave it out")
    return None


_RULES: tuple[Callable[[OfframpRequest], FieldObjection | None], ...] = (
    _amount,
    _recipient,
    _refund,
    _no_fees_from_bitcoin,
    one_kind_of_fee,
    app_fees_objection,
    affiliates_objection,
    lambda request: slippage_objection(request.slippage_bps),
)
