"""The endpoints of reusable addresses, for accumulation and for liquidation."""

import secrets
from typing import Any

from starlette.routing import Route as HttpRoute

from baton.local.sandbox.api.address_book import ReusableAddresses
from baton.local.sandbox.api.fields import optional_text, text
from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.engine.addresses import fits, transaction_key
from baton.local.sandbox.engine.resources import AddressKind
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid, unknown


class AddressesApi:
    """The handlers of one kind of reusable address."""

    def __init__(self, world: SandboxWorld, kind: AddressKind) -> None:
        self._world = world
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

    def reindex(self, call: Call) -> dict[str, Any]:
        """`POST /v1/accumulation-addresses/{id}/reindex`, and `/sync` in older generations: look for missed deposits.

        The id may be the deposit address.
        """
        address = self._addresses.at(call.owner, self._kind, call.path["id"])
        deposits = list(self._world.chain.paid_to(address.id))
        self._world.address_deposits.release(address.payee, deposits)
        shown = ("accumulationAddressId", "sourceChain", "sourceAsset", "depositAddress")
        return {"ok": True, **{name: address.document[name] for name in shown}, "relay": {"requested": True}}

    def refund(self, call: Call) -> dict[str, Any]:
        """`POST /v1/accumulation-addresses/{id}/refund`: refund a deposit that did not become an order.

        The pages do not give its body; here it names the transaction and, unless the address has one, where to refund.
        """
        address = self._addresses.at(call.owner, self._kind, call.path["id"])
        key = transaction_key(text(call.body, "sourceTxHash"))
        deposits = [kept for kept in self._world.chain.paid_to(address.id) if kept.key[1] == key]
        if not deposits:
            raise unknown(f"no deposit to {address.id} in that transaction")
        target = optional_text(call.body, "refundAddress") or address.refund_address
        if target is None:
            raise invalid("refundAddress is required: the address has none")
        if not fits(target, address.payee.chain.family):
            raise ApiError("invalid_refund_address", "refundAddress is not an address on the source chain")
        batch = f"batch_{secrets.token_hex(8)}"
        for deposit in deposits:
            self._world.address_deposits.request_refund(address.payee, deposit, target, batch)
        return {"ok": True, "batchId": deposits[0].batch_id, "status": "refund_requested"}

    def delete(self, call: Call) -> dict[str, Any]:
        """`DELETE /v1/{kind}-addresses/{id}`: deposits to it no longer become orders."""
        self._addresses.disable(call.owner, self._kind, call.path["id"])
        return {"ok": True}


def address_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of both kinds."""
    accumulation = AddressesApi(world, AddressKind.ACCUMULATION)
    item = "/v1/accumulation-addresses/{id}"
    return [
        *(route for kind in AddressKind for route in _routes(AddressesApi(world, kind), gate, kind)),
        HttpRoute(f"{item}/reindex", gate.endpoint("reindex", accumulation.reindex, mutating=True), methods=["POST"]),
        HttpRoute(f"{item}/sync", gate.endpoint("sync", accumulation.reindex, mutating=True), methods=["POST"]),
        HttpRoute(
            f"{item}/refund", gate.endpoint("address_refund", accumulation.refund, mutating=True), methods=["POST"]
        ),
    ]


def _routes(api: AddressesApi, gate: Gate, kind: AddressKind) -> list[HttpRoute]:
    collection = f"/v1/{kind}-addresses"
    item = f"{collection}/{{id}}"
    return [
        HttpRoute(collection, gate.endpoint("addresses", api.create, mutating=True), methods=["POST"]),
        HttpRoute(collection, gate.endpoint("addresses", api.all)),
        HttpRoute(item, gate.endpoint("addresses", api.get)),
        HttpRoute(item, gate.endpoint("addresses", api.delete, mutating=True), methods=["DELETE"]),
    ]
