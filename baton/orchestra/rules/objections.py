"""Why an order cannot be priced, under the API's own error code, known before the API is asked. Pure.

The sentences are those of the route list and of the limits; each begins with the field that it is about. Source: the
partner API reference, error codes.
"""

from typing import NamedTuple

from baton.orchestra.models import QuoteRequest
from baton.orchestra.rules.limits import Limits, limit_objection
from baton.orchestra.rules.routes import RouteCatalogue, RouteList, route_objection

Routes = RouteList | RouteCatalogue
"""A route list of either generation."""

_CODES = {"amountMode": "unsupported_amount_mode", "deliveryMode": "invalid_request"}
"""Field that a sentence begins with to its code, where the route as such exists."""


class OrderObjection(NamedTuple):
    """What speaks against an order: the code that the API would answer with, and a sentence with the remedy."""

    code: str
    message: str


def object_to_route(routes: Routes, request: QuoteRequest) -> OrderObjection | None:
    """Return what the route list holds against a request; None when nothing."""
    message = route_objection(routes, request)
    return None if message is None else OrderObjection(_CODES.get(message.split()[0], "unsupported_route"), message)


def object_to_amount(limits: Limits, request: QuoteRequest) -> OrderObjection | None:
    """Return what the limits hold against a request; None when nothing."""
    message = limit_objection(limits, request)
    if message is None:
        return None
    beyond = "amount_too_small" if " is below the least " in message else "amount_too_large"
    return OrderObjection(_CODES.get(message.split()[0], beyond), message)
