"""Why an order cannot be quoted, with the API's own error code, before the API is asked. Pure.

The sentences come from the rules of routes and limits; each begins with the field that it is about. Source: the partner
API reference, error codes.
"""

from collections.abc import Mapping
from typing import NamedTuple

from baton.orchestra.models import QuoteRequest
from baton.orchestra.rules.limits import Limits, limit_objection
from baton.orchestra.rules.routes import RouteCatalogue, RouteList, route_objection

Routes = RouteList | RouteCatalogue
"""A route list of either generation."""

_CODES = {"amountMode": "unsupported_amount_mode", "deliveryMode": "invalid_request"}
"""First word of a sentence, which is a field, to its code; for routes that exist."""


class OrderObjection(NamedTuple):
    """Why an order would be refused: the code that the API would answer with, and a sentence with the remedy."""

    code: str
    message: str


def object_to_route(routes: Routes, request: QuoteRequest) -> OrderObjection | None:
    """Return the route list's objection to a request; None when there is none."""
    message = route_objection(routes, request)
    return None if message is None else OrderObjection(_CODES.get(message.split()[0], "unsupported_route"), message)


def object_to_amount(
    limits: Limits, request: QuoteRequest, decimals: Mapping[str, int] | None = None
) -> OrderObjection | None:
    """Return the limits' objection to a request; None when there is none.

    Args:
        limits: The limits.
        request: The request.
        decimals: Decimals by `chain:asset`, for the amounts in the sentence.
    """
    message = limit_objection(limits, request, decimals)
    if message is None:
        return None
    beyond = "amount_too_small" if " is below the least " in message else "amount_too_large"
    return OrderObjection(_CODES.get(message.split()[0], beyond), message)
