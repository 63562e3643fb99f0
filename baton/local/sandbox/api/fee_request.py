"""App and affiliate fees of a quote request."""

import re
from typing import Any

from baton.local.sandbox.api.fields import Body, text, whole
from baton.local.sandbox.engine.affiliates import Terms
from baton.local.sandbox.engine.assets import AFFILIATE_FEE_BPS
from baton.local.sandbox.engine.pricing import PricedAppFee
from baton.local.sandbox.engine.routes import Direction, SandboxRoute
from baton.local.sandbox.errors import ApiError, invalid

MAX_FEES = 16
MAX_FEE_BPS = 9_999

_AFFILIATE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def read_app_fees(body: Body, affiliates: Terms) -> tuple[PricedAppFee, ...]:
    """Return the app and affiliate fees of a request.

    Args:
        body: The request.
        affiliates: The partner's registered affiliates; any other well-formed id counts as one with the usual fee.

    Raises:
        ApiError: `invalid_request`, naming the field.
    """
    app_fees = body.get("appFees")
    affiliate, several = body.get("affiliateId"), body.get("affiliateIds")
    if app_fees and (affiliate or several):
        raise invalid("appFees cannot be combined with affiliateId or affiliateIds")
    if app_fees is not None:
        fees = [_app_fee(entry) for entry in _entries(app_fees, "appFees", least=0)]
    else:
        entries = [affiliate] if affiliate is not None else []
        entries += _entries(several, "affiliateIds", least=1) if several is not None else []
        fees = [_affiliate(entry, affiliates) for entry in entries]
    if sum(fee.bps for fee in fees) > 10_000:
        raise invalid("the sum of all app fees must not exceed 10000 basis points")
    return tuple(fees)


def check_fee_plan(route: SandboxRoute, fees: tuple[PricedAppFee, ...], *, exact_out: bool) -> None:
    """Refuse app fees on a route or in an amount mode that has none.

    Raises:
        ApiError: `unsupported_fee_plan`.
    """
    if fees and exact_out:
        raise ApiError("unsupported_fee_plan", "app and affiliate fees are not available with exact_out")
    if fees and route.direction is Direction.PASSTHROUGH:
        raise ApiError("unsupported_fee_plan", "app and affiliate fees are not available on pure BTC routes")


def _entries(value: Any, name: str, least: int) -> list[Any]:
    if not isinstance(value, list) or not least <= len(value) <= MAX_FEES:
        raise invalid(f"{name} must be a list of {least} to {MAX_FEES} entries")
    return value


def _app_fee(entry: Any) -> PricedAppFee:
    if not isinstance(entry, dict):
        raise invalid("appFees entries must be objects with recipient and fee")
    return PricedAppFee(text(entry, "recipient"), whole(entry.get("fee"), "appFees.fee", 1, MAX_FEE_BPS))


def _affiliate(entry: Any, affiliates: Terms) -> PricedAppFee:
    document = {"affiliateId": entry} if isinstance(entry, str) else entry
    if not isinstance(document, dict):
        raise invalid("affiliateIds entries must be strings or objects with affiliateId and feeBps")
    name = text(document, "affiliateId")
    if not _AFFILIATE.fullmatch(name):
        raise invalid(f"affiliateId {name!r} is not registered")
    registered = affiliates.get(name)
    if registered is not None and not registered.enabled:
        raise invalid(f"affiliateId {name!r} is disabled")
    override = document.get("feeBps")
    usual = registered.fee_bps if registered else AFFILIATE_FEE_BPS
    bps = usual if override is None else whole(override, "affiliateIds.feeBps", 1, MAX_FEE_BPS)
    return PricedAppFee(registered.payout_address if registered else name, bps, affiliate_id=name)
