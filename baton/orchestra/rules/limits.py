"""The least and the most that may be ordered, and whether a request is within these limits. Pure.

Amounts in smallest units, notional values in US cents. Limits are a snapshot: the API decides when it quotes.
Source: the partner API reference, limits.
"""

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.encoding.units import in_words
from baton.orchestra.models import QuoteRequest, Text, Wire
from baton.orchestra.tolerant_fields import TolerantFlag, optional, readable


class Notional(Wire):
    """Limits of an order's value in US cents."""

    min_cents: TolerantAmount = None
    max_cents: TolerantAmount = None
    source: Text = None


class RequestAmount(Wire):
    """Limits of the field `amount` in one amount mode."""

    leg: Text = None
    chain: Text = None
    asset: Text = None
    min_amount_smallest: TolerantAmount = None
    max_amount_smallest: TolerantAmount = None
    min_usd_cents: TolerantAmount = None
    max_usd_cents: TolerantAmount = None


class ModeLimits(Wire):
    """Limits of one amount mode."""

    supported: TolerantFlag = None
    request_amount: Annotated[RequestAmount | None, optional(RequestAmount)] = None


class FiatLimits(Wire):
    """Limits of `amountFiatUsd`, as decimal dollars."""

    supported: TolerantFlag = None
    min: Text = None
    max: Text = None


class Constraint(Wire):
    """One limit with its reason."""

    id: Text = None
    amount_mode: Text = None
    leg: Text = None
    chain: Text = None
    asset: Text = None
    min_amount_smallest: TolerantAmount = None
    max_amount_smallest: TolerantAmount = None
    min_usd_cents: TolerantAmount = None
    max_usd_cents: TolerantAmount = None
    source: Text = None
    description: Text = None


class DynamicLimits(Wire):
    """Whether a provider on the route may have limits of its own, which only a quote shows."""

    possible: TolerantFlag = None
    description: Text = None


class LimitSet(Wire):
    """Every limit of one route."""

    order_notional_usd: Annotated[Notional | None, optional(Notional)] = None
    exact_in: Annotated[ModeLimits | None, optional(ModeLimits)] = None
    exact_out: Annotated[ModeLimits | None, optional(ModeLimits)] = None
    fiat_usd: Annotated[FiatLimits | None, optional(FiatLimits)] = None
    dynamic_provider_limits: Annotated[DynamicLimits | None, optional(DynamicLimits)] = None
    constraints: Annotated[list[Constraint], readable(Constraint)] = Field(default=[])


class RouteLimits(Wire):
    """One route with its limits."""

    source_chain: str
    source_asset: str
    destination_chain: str
    destination_asset: str
    direction: Text = None
    limits: Annotated[LimitSet | None, optional(LimitSet)] = None


class Limits(Wire):
    """Answer of `GET /v1/orchestration/limits`; routes that cannot be read are left out."""

    generated_at: TolerantTime = None
    routes: Annotated[list[RouteLimits], readable(RouteLimits)]

    def route(self, request: QuoteRequest) -> RouteLimits | None:
        """Return the route of a request, or None when it is not listed."""
        ends = _ends(request)
        return next((route for route in self.routes if _ends(route) == ends), None)


def _ends(route: QuoteRequest | RouteLimits) -> tuple[str, str, str, str]:
    return route.source_chain, route.source_asset, route.destination_chain, route.destination_asset


def limit_objection(limits: Limits, request: QuoteRequest, decimals: Mapping[str, int] | None = None) -> str | None:
    """Return why an amount is outside the limits, in one sentence with the limit; None when there is no objection.

    Only limits in the unit of the field `amount` are checked: those in US cents need a price, which only the API has.
    """
    route = limits.route(request)
    if route is None or route.limits is None:
        return None
    exact_out = request.amount_mode == "exact_out"
    mode = route.limits.exact_out if exact_out else route.limits.exact_in
    if mode is not None and mode.supported is False:
        return f"amountMode {'exact_out' if exact_out else 'exact_in'} is not offered on this route; use the other one"
    chain = request.destination_chain if exact_out else request.source_chain
    asset = request.destination_asset if exact_out else request.source_asset
    known = (decimals or {}).get(f"{chain}:{asset}")
    return _amount_objection(
        request.amount, mode.request_amount if mode else None, lambda value: in_words(value, asset, known)
    )


def _amount_objection(amount: int, bounds: RequestAmount | None, words: Callable[[int], str]) -> str | None:
    if bounds is None:
        return None
    least, most = bounds.min_amount_smallest, bounds.max_amount_smallest
    if least is not None and amount < least:
        return f"amount: {words(amount)} is below the least that this route takes, {words(least)}"
    if most is not None and amount > most:
        return f"amount: {words(amount)} is above the most that this route takes, {words(most)}"
    return None
