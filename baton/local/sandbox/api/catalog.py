"""The endpoints that list things: limits, assets with their routes, and past orders."""

import functools
from typing import Any

from starlette.routing import Route as HttpRoute

from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.api.limits import route_limits
from baton.local.sandbox.engine.assets import ASSETS, Asset
from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.records import flat
from baton.local.sandbox.engine.routes import SandboxRoute, all_routes, asset_details
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError

_PAIR = ("sourceChain", "sourceAsset", "destinationChain", "destinationAsset")
_HISTORY_FIELDS = (
    *("id", "type", "quoteId", "status", "sourceChain", "sourceAsset", "destinationChain", "destinationAsset"),
    *("depositAddress", "recipientAddress", "amountIn", "amountOut", "feeAmount", "feeAsset", "feeBps", "slippageBps"),
    *("createdAt", "updatedAt", "completedAt"),
)


class CatalogApi:
    """The handlers of the lists."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def limits(self, call: Call) -> dict[str, Any]:
        """`GET /v1/orchestration/limits`: the limits of all routes, or of those that match the query."""
        filters = {name: call.query[name] for name in _PAIR if name in call.query}
        routes = [route for route in all_routes() if _pair(route).items() >= filters.items()]
        limits = [route_limits(route, self._world.prices) for route in routes]
        return {"generatedAt": iso(self._world.clock.now()), "routes": limits}

    def routes(self, call: Call) -> dict[str, Any]:
        """`GET /v2/orchestration/routes`: one entry for each asset, with the assets that it can be swapped for."""
        return _assets()

    def history(self, call: Call) -> dict[str, Any]:
        """`GET /v1/orchestration/history`: the partner's orders for one recipient, newest first."""
        recipient = call.query.get("recipientAddress") or call.query.get("address")
        if not recipient:
            raise ApiError("invalid_query", "recipientAddress is required")
        orders = self._world.store.orders_of(call.owner, lambda order: order.quote.request.recipient == recipient)
        records = sorted((flat(order) for order in orders), key=lambda record: record["createdAt"], reverse=True)
        return {"orders": [{name: record.get(name) for name in _HISTORY_FIELDS} for record in records]}


def catalog_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of the handlers."""
    api = CatalogApi(world)
    return [
        HttpRoute("/v1/orchestration/limits", gate.endpoint("limits", api.limits, public=True)),
        HttpRoute("/v2/orchestration/routes", gate.endpoint("routes", api.routes, public=True)),
        HttpRoute("/v1/orchestration/history", gate.endpoint("history", api.history)),
    ]


def _pair(route: SandboxRoute) -> dict[str, str]:
    ends = route.source, route.destination
    return dict(zip(_PAIR, (part for end in ends for part in (end.chain.name, end.symbol)), strict=True))


@functools.cache
def _assets() -> dict[str, Any]:
    return {"assets": [_asset_entry(asset) for asset in ASSETS.values()]}


def _asset_entry(asset: Asset) -> dict[str, Any]:
    others = [SandboxRoute(asset, other) for other in ASSETS.values() if other is not asset]
    exact = [_name(route.destination) for route in others if route.exact_out_eligible]
    refused = [_name(route.destination) for route in others if not route.exact_out_eligible]
    exact_out_to: Any = {"except": refused} if len(refused) < len(exact) else exact
    destinations = {"to": "all", "exactOutTo": exact_out_to, "fixedTo": []}
    return {"id": _name(asset), **asset_details(asset), "route": destinations}


def _name(asset: Asset) -> str:
    return f"{asset.chain.name}:{asset.symbol}"
