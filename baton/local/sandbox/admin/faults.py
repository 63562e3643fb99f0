"""The part of the admin API that breaks things: faults of calls, faults of webhooks, and the delivery log."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.routing import Route as HttpRoute

from baton.local.sandbox.admin.bodies import WebhookRelease, admin_route, read_body
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.scenarios.faults import FaultSpec, WebhookFaultSpec


class FaultAdmin:
    """The handlers of faults and deliveries."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    async def add_fault(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/faults`."""
        return self._world.call_faults.add(await read_body(request, FaultSpec)).document

    async def faults(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/faults`."""
        return {"faults": self._world.call_faults.documents()}

    async def release_fault(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/faults/{id}/release`: end a fault and send its withheld answers."""
        return self._world.call_faults.release(request.path_params["id"]).document

    async def remove_fault(self, request: Request) -> dict[str, Any]:
        """`DELETE /sandbox/faults/{id}`: end a fault, send its withheld answers, and delete it."""
        self._world.call_faults.remove(request.path_params["id"])
        return {"ok": True}

    async def add_webhook_fault(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/webhooks/faults`."""
        return self._world.webhook_faults.add(await read_body(request, WebhookFaultSpec)).document

    async def webhook_faults(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/webhooks/faults`."""
        return {"faults": self._world.webhook_faults.documents()}

    async def remove_webhook_fault(self, request: Request) -> dict[str, Any]:
        """`DELETE /sandbox/webhooks/faults/{id}`."""
        self._world.webhook_faults.remove(request.path_params["id"])
        return {"ok": True}

    async def release_webhooks(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/webhooks/release`: send the held deliveries, and stop holding new ones."""
        body = await read_body(request, WebhookRelease)
        return {"sent": await self._world.webhooks.release(body.order, body.copies, body.seed)}

    async def deliveries(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/deliveries`: every delivery with its attempts, of all orders or of one `orderId`."""
        order_id = request.query_params.get("orderId")
        deliveries = self._world.webhooks.deliveries
        return {"deliveries": [delivery.document for delivery in deliveries if order_id in (None, delivery.order_id)]}


def fault_routes(world: SandboxWorld) -> list[HttpRoute]:
    """Return the HTTP routes of the handlers."""
    admin, route = FaultAdmin(world), partial(admin_route, world)
    return [
        route("POST", "/faults", admin.add_fault),
        route("GET", "/faults", admin.faults),
        route("POST", "/faults/{id}/release", admin.release_fault),
        route("DELETE", "/faults/{id}", admin.remove_fault),
        route("POST", "/webhooks/faults", admin.add_webhook_fault),
        route("GET", "/webhooks/faults", admin.webhook_faults),
        route("DELETE", "/webhooks/faults/{id}", admin.remove_webhook_fault),
        route("POST", "/webhooks/release", admin.release_webhooks),
        route("GET", "/deliveries", admin.deliveries),
    ]
