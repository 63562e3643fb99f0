"""The smallest and largest order of a route, at the present prices. Pure."""

from typing import Any

from baton.local.sandbox.api.onramp_request import MAX_FIAT_CENTS, MIN_FIAT_CENTS
from baton.local.sandbox.engine.assets import DOLLAR, MAX_NOTIONAL_CENTS, MIN_NOTIONAL_CENTS, Asset, SandboxFamily
from baton.local.sandbox.engine.pricing import Prices
from baton.local.sandbox.engine.routes import Direction, SandboxRoute, route_entry

_NOTIONAL = "order_notional_usd"
_PROVIDER = "provider_dynamic_limits"


def route_limits(route: SandboxRoute, prices: Prices) -> dict[str, Any]:
    """Return a route with its limits, as the API writes them."""
    bridged = route.source.chain.is_foreign or route.destination.chain.is_foreign
    direction = "xchain" if route.direction is Direction.PASSTHROUGH else route.direction.value
    limits = {
        "orderNotionalUsd": {
            "minCents": str(MIN_NOTIONAL_CENTS),
            "maxCents": str(MAX_NOTIONAL_CENTS),
            "source": "runtime_order_bounds",
        },
        "exactIn": _side("source", route.source, prices, supported=True),
        "exactOut": _side("destination", route.destination, prices, supported=route.exact_out_eligible),
        "fiatUsd": _fiat() if route.source.chain.family is SandboxFamily.LIGHTNING else None,
        "dynamicProviderLimits": {
            "possible": bridged,
            "components": ["relay"] if bridged else [],
            "description": "Bridges have their own limits, known only when a quote is requested",
        },
        "constraints": [_notional(), *([_provider()] if bridged else [])],
    }
    return {**route_entry(route), "direction": direction, "limits": limits}


def least(asset: Asset, prices: Prices) -> int:
    """Return the smallest amount that is worth the smallest order, in smallest units."""
    return _worth(MIN_NOTIONAL_CENTS, asset, prices)


def most(asset: Asset, prices: Prices) -> int:
    """Return the largest amount that is not worth more than the largest order, in smallest units."""
    return _worth(MAX_NOTIONAL_CENTS + 1, asset, prices) - 1


def _worth(cents: int, asset: Asset, prices: Prices) -> int:
    """Return the least amount worth that many cents."""
    return -(-cents * asset.unit * DOLLAR // (prices[asset.symbol] * 100))


def _side(leg: str, asset: Asset, prices: Prices, *, supported: bool) -> dict[str, Any]:
    if not supported:
        return {"supported": False, "requestAmount": None, "constraints": []}
    # An exact output is limited through the input it needs, which only a quote knows.
    known = leg == "source"
    amount = {
        "leg": leg,
        "chain": asset.chain.name,
        "asset": asset.symbol,
        "minAmountSmallest": str(least(asset, prices)) if known else None,
        "maxAmountSmallest": str(most(asset, prices)) if known else None,
        "minUsdCents": str(MIN_NOTIONAL_CENTS),
        "maxUsdCents": str(MAX_NOTIONAL_CENTS),
    }
    return {"supported": True, "requestAmount": amount, "constraints": [_NOTIONAL]}


def _fiat() -> dict[str, Any]:
    return {
        "supported": True,
        "min": f"{MIN_FIAT_CENTS // 100}.00",
        "max": f"{MAX_FIAT_CENTS // 100}.00",
        "surfaces": ["onramp", "pay_links"],
    }


def _notional() -> dict[str, Any]:
    return {
        "id": _NOTIONAL,
        "amountMode": "all",
        "leg": "route",
        "minUsdCents": str(MIN_NOTIONAL_CENTS),
        "maxUsdCents": str(MAX_NOTIONAL_CENTS),
        "source": "runtime_order_bounds",
        "description": "The worth of an order must lie between these",
    }


def _provider() -> dict[str, Any]:
    return {
        "id": _PROVIDER,
        "amountMode": "all",
        "leg": "route",
        "source": "provider_quote",
        "description": "The bridge may refuse an amount that the other bounds allow",
    }
