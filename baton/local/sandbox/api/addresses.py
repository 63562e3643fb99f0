"""The endpoints of reusable addresses, for accumulation and for liquidation."""

from typing import Any

from starlette.routing import Route as HttpRoute

from baton.local.sandbox.api.address_book import ReusableAddresses
from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.engine.resources import AddressKind
from baton.local.sandbox.engine.world import SandboxWorld


class AddressesApi:
    """The handlers of one kind of reusable address."""

    def __init__(self, world: SandboxWorld, kind: AddressKind) -> None:
        self._addresses = ReusableAddresses(world)
        self._kind = kind

    def create(self, call: Call) -> dict[str, Any]:
        """`POST /v1/{kind}-addresses`."""
        return self._addresses.create(call.owner, self._kind, call.body).document

    def all(self, call: Call) -> dict[str, Any]:
        """`GET /v1/{kind}-addresses`."""
        addresses = self._addresses.all_of(call.owner, self._kind)
        return {f"{self._kind}Addresses": [address.document for address in addresses]}

    def get(self, call: Call) -> dict[str, Any]:
        """`GET /v1/{kind}-addresses/{id}`."""
        return self._addresses.get(call.owner, self._kind, call.path["id"]).document

    def delete(self, call: Call) -> dict[str, Any]:
        """`DELETE /v1/{kind}-addresses/{id}`: deposits to it no longer become orders."""
        self._addresses.disable(call.owner, self._kind, call.path["id"])
        return {"ok": True}


def address_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of both kinds."""
    return [route for kind in AddressKind for route in _routes(AddressesApi(world, kind), gate, kind)]


def _routes(api: AddressesApi, gate: Gate, kind: AddressKind) -> list[HttpRoute]:
    collection = f"/v1/{kind}-addresses"
    item = f"{collection}/{{id}}"
    return [
        HttpRoute(collection, gate.endpoint("addresses", api.create, mutating=True), methods=["POST"]),
        HttpRoute(collection, gate.endpoint("addresses", api.all)),
        HttpRoute(item, gate.endpoint("addresses", api.get)),
        HttpRoute(item, gate.endpoint("addresses", api.delete, mutating=True), methods=["DELETE"]),
    ]
