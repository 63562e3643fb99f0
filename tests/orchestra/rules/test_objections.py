"""An objection to an order has the code that the API itself would answer with."""

from typing import Any

import pytest

from baton.orchestra.models import QuoteRequest
from baton.orchestra.rules.limits import Limits
from baton.orchestra.rules.objections import object_to_amount, object_to_route
from baton.orchestra.rules.routes import RouteList

ENDS = {"sourceChain": "base", "sourceAsset": "USDC", "destinationChain": "spark", "destinationAsset": "BTC"}
ROUTES = RouteList.model_validate({"routes": [{**ENDS, "exactOutEligible": False, "fixedEligible": False}]})
BOUNDS = {"minAmountSmallest": "10", "maxAmountSmallest": "20"}


def request(**fields: Any) -> QuoteRequest:
    return QuoteRequest.model_validate({**ENDS, "amount": "15", "recipientAddress": "r", **fields})


def limits(**modes: Any) -> Limits:
    return Limits.model_validate({"routes": [{**ENDS, "limits": modes}]})


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"destinationAsset": "DOGE"}, "unsupported_route"),
        ({"sourceAsset": "DOGE"}, "unsupported_route"),
        ({"amountMode": "exact_out"}, "unsupported_amount_mode"),
        ({"deliveryMode": "fixed"}, "invalid_request"),
    ],
    ids=str,
)
def test_an_order_outside_the_routes_is_an_objection(fields: dict[str, str], code: str) -> None:
    objection = object_to_route(ROUTES, request(**fields))

    assert objection
    assert objection.code == code


@pytest.mark.parametrize(
    ("amount", "code"), [("9", "amount_too_small"), ("10", None), ("20", None), ("21", "amount_too_large")]
)
def test_an_amount_outside_the_limits_is_an_objection(amount: str, code: str | None) -> None:
    bounds = limits(exactIn={"supported": True, "requestAmount": BOUNDS})

    objection = object_to_amount(bounds, request(amount=amount))

    assert (objection.code if objection else None) == code


def test_a_mode_that_the_limits_do_not_offer_is_an_objection() -> None:
    objection = object_to_amount(limits(exactOut={"supported": False}), request(amountMode="exact_out"))

    assert objection
    assert objection.code == "unsupported_amount_mode"


def test_an_ordinary_order_has_no_objection() -> None:
    assert object_to_route(ROUTES, request()) is None
    assert object_to_amount(limits(), request()) is None
