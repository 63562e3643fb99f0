"""Limits are read as documented, and an amount outside them is refused with the limit."""

from typing import Any

import pytest

from baton.orchestra.models import QuoteRequest
from baton.orchestra.rules.limits import Limits, limit_objection

ENDS = {"sourceChain": "spark", "sourceAsset": "USDB", "destinationChain": "tron", "destinationAsset": "USDT"}
BOUNDS = {
    "orderNotionalUsd": {"minCents": "80", "maxCents": "9030000", "source": "runtime_order_bounds"},
    "exactIn": {
        "supported": True,
        "requestAmount": {
            "leg": "source",
            "chain": "spark",
            "asset": "USDB",
            "minAmountSmallest": "800000",
            "maxAmountSmallest": "90300000000",
            "minUsdCents": "80",
            "maxUsdCents": "9030000",
        },
        "constraints": ["order_notional_usd"],
    },
    "exactOut": {"supported": False, "requestAmount": None, "constraints": []},
    "fiatUsd": None,
    "dynamicProviderLimits": {"possible": True, "components": ["relay"], "description": "A provider may refuse"},
    "constraints": [
        {
            "id": "order_notional_usd",
            "amountMode": "all",
            "leg": "route",
            "minUsdCents": "80",
            "maxUsdCents": "9030000",
            "source": "runtime_order_bounds",
            "description": "Order bounds",
        },
        None,
    ],
}


def limits(**changed: Any) -> Limits:
    route = {**ENDS, "direction": "xchain", "limits": {**BOUNDS, **changed}}
    return Limits.model_validate({"generatedAt": "2026-02-04T01:30:00.000Z", "routes": [None, route]})


def request(amount: int, **fields: Any) -> QuoteRequest:
    return QuoteRequest.model_validate({**ENDS, "amount": amount, "recipientAddress": "T", **fields})


def test_documented_limits_are_read_completely() -> None:
    documented = limits()
    assert documented.generated_at is not None
    route = documented.route(request(1))
    assert route is not None
    assert (route.direction, route.source_asset) == ("xchain", "USDB")
    assert route.limits is not None
    bounds = route.limits
    assert bounds.order_notional_usd is not None
    assert (bounds.order_notional_usd.min_cents, bounds.order_notional_usd.max_cents) == (80, 9_030_000)
    assert bounds.exact_in is not None
    assert bounds.exact_in.request_amount is not None
    assert bounds.exact_in.request_amount.max_amount_smallest == 90_300_000_000
    assert bounds.fiat_usd is None
    assert bounds.dynamic_provider_limits is not None
    assert bounds.dynamic_provider_limits.possible
    assert [(one.id, one.min_usd_cents) for one in bounds.constraints] == [("order_notional_usd", 80)]


def test_the_dollar_limits_of_an_onramp_read() -> None:
    route = limits(fiatUsd={"supported": True, "min": "1.00", "max": "50000.00", "surfaces": []}).route(request(1))
    assert route is not None
    assert route.limits is not None
    assert route.limits.fiat_usd is not None
    assert (route.limits.fiat_usd.min, route.limits.fiat_usd.max) == ("1.00", "50000.00")


@pytest.mark.parametrize("amount", [800_000, 90_300_000_000])
def test_an_amount_on_a_limit_passes(amount: int) -> None:
    assert limit_objection(limits(), request(amount)) is None


@pytest.mark.parametrize(
    ("amount", "objection"),
    [
        (799_999, "0.799999 USDB (799999 smallest units) is below the least that this route takes, 0.8 USDB (800000 "),
        (
            90_300_000_001,
            "90300.000001 USDB (90300000001 smallest units) is above the most that this route takes, 90300 ",
        ),
    ],
)
def test_an_amount_outside_the_limits_is_refused_with_the_limit(amount: int, objection: str) -> None:
    assert (limit_objection(limits(), request(amount), {"spark:USDB": 6}) or "").startswith(f"amount: {objection}")


def test_an_amount_outside_the_limits_is_named_without_decimals_too() -> None:
    objection = (
        "amount: 1 smallest units of USDB is below the least that this route takes, 800000 smallest units of USDB"
    )
    assert limit_objection(limits(), request(1)) == objection


def test_a_mode_that_the_route_does_not_offer_is_refused() -> None:
    objection = limit_objection(limits(), request(800_000, amountMode="exact_out"))
    assert objection == "amountMode exact_out is not offered on this route; use the other one"


def test_each_mode_has_its_own_limits() -> None:
    known = limits(exactOut={"supported": True, "requestAmount": {"minAmountSmallest": "5"}})
    assert limit_objection(known, request(5, amountMode="exact_out")) is None
    assert "below the least" in (limit_objection(known, request(4, amountMode="exact_out")) or "")
    assert "below the least" in (limit_objection(known, request(5)) or "")


@pytest.mark.parametrize(
    "changed",
    [
        {"exactIn": None},
        {"exactIn": "lots"},
        {"exactIn": {"supported": None, "requestAmount": "lots"}},
        {"exactIn": {"supported": True, "requestAmount": {"minAmountSmallest": None, "maxAmountSmallest": "x"}}},
    ],
)
def test_missing_limits_refuse_nothing(changed: dict) -> None:
    assert limit_objection(limits(**changed), request(1)) is None


def test_a_route_that_is_not_listed_has_no_limits() -> None:
    assert limit_objection(Limits(routes=[]), request(1)) is None
    assert limit_objection(limits(), request(1, sourceAsset="BTC")) is None
    assert limit_objection(Limits.model_validate({"routes": [{**ENDS, "limits": 3}]}), request(1)) is None
