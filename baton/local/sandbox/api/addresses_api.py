"""The endpoints of reusable addresses, accumulation and liquidation alike."""

from typing import Any

from starlette.routing import Route as HttpRoute

from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.engine.resources import AddressKind
from baton.local.sandbox.engine.reusable import ReusableAddresses
from baton.local.sandbox.engine.world import SandboxWorld


class AddressesApi:
    """The handlers of one kind."""

    def __init__(self, world: SandboxWorld, kind: AddressKind) -> None:
        self._addresses = ReusableAddresses(world)
        self._kind = kind

    def create(self, call: Call) -> dict[str, Any]:
        """`POST /v1/{kind}-addresses`."""
        return self._addresses.create(call.owner, self._kind, call.body).document

    def all(self, call: Call) -> dict[str, Any]:
        """`GET /v1/{kind}-addresses`."""
        found = self._addresses.all_of(call.owner, self._kind)
        return {f"{self._kind}Addresses": [one.document for one in found]}

    def get(self, call: Call) -> dict[str, Any]:
        """`GET /v1/{kind}-addresses/{id}`."""
        return self._addresses.get(call.owner, self._kind, call.path["id"]).document

    def delete(self, call: Call) -> dict[str, Any]:
        """`DELETE /v1/{kind}-addresses/{id}`: its deposits make no orders any more."""
        self._addresses.get(call.owner, self._kind, call.path["id"]).enabled = False
        return {"ok": True}


def address_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of both kinds."""
    return [route for kind in AddressKind for route in _routes(AddressesApi(world, kind), gate, kind)]


def _routes(api: AddressesApi, gate: Gate, kind: AddressKind) -> list[HttpRoute]:
    every = f"/v1/{kind}-addresses"
    one = f"{every}/{{id}}"
    return [
        HttpRoute(every, gate.endpoint("addresses", api.create, mutating=True), methods=["POST"]),
        HttpRoute(every, gate.endpoint("addresses", api.all)),
        HttpRoute(one, gate.endpoint("addresses", api.get)),
        HttpRoute(one, gate.endpoint("addresses", api.delete, mutating=True), methods=["DELETE"]),
    ]
