"""The part of the admin API that breaks things: faults of calls, faults of webhooks, and the delivery log."""

from typing import Any

from starlette.requests import Request
from starlette.routing import Route as HttpRoute

from baton.local.sandbox.admin.admin_bodies import ReleaseOfHeld, admin_route, read
from baton.local.sandbox.admin.faults import FaultSpec, WebhookFaultSpec
from baton.local.sandbox.engine.world import SandboxWorld


class FaultAdmin:
    """The handlers."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    async def add_fault(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/faults`."""
        return self._world.call_faults.add(await read(request, FaultSpec)).document

    async def faults(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/faults`."""
        return {"faults": self._world.call_faults.documents()}

    async def release_fault(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/faults/{id}/release`: end a fault and let its withheld answers go."""
        return self._world.call_faults.release(request.path_params["id"]).document

    async def remove_fault(self, request: Request) -> dict[str, Any]:
        """`DELETE /sandbox/faults/{id}`: the same, and forget it."""
        self._world.call_faults.remove(request.path_params["id"])
        return {"ok": True}

    async def add_webhook_fault(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/webhooks/faults`."""
        return self._world.webhook_faults.add(await read(request, WebhookFaultSpec)).document

    async def webhook_faults(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/webhooks/faults`."""
        return {"faults": self._world.webhook_faults.documents()}

    async def remove_webhook_fault(self, request: Request) -> dict[str, Any]:
        """`DELETE /sandbox/webhooks/faults/{id}`."""
        self._world.webhook_faults.remove(request.path_params["id"])
        return {"ok": True}

    async def release_webhooks(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/webhooks/release`: send what is held, and hold no more."""
        body = await read(request, ReleaseOfHeld)
        return {"sent": await self._world.webhooks.release(body.order, body.copies, body.seed)}

    async def deliveries(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/deliveries`: every delivery with its attempts, of all or of one `orderId`."""
        wanted = request.query_params.get("orderId")
        found = [one.document for one in self._world.webhooks.deliveries if wanted in (None, one.order_id)]
        return {"deliveries": found}


def fault_routes(world: SandboxWorld) -> list[HttpRoute]:
    """Return the HTTP routes of the handlers."""
    admin = FaultAdmin(world)
    return [
        admin_route("POST", "/faults", admin.add_fault),
        admin_route("GET", "/faults", admin.faults),
        admin_route("POST", "/faults/{id}/release", admin.release_fault),
        admin_route("DELETE", "/faults/{id}", admin.remove_fault),
        admin_route("POST", "/webhooks/faults", admin.add_webhook_fault),
        admin_route("GET", "/webhooks/faults", admin.webhook_faults),
        admin_route("DELETE", "/webhooks/faults/{id}", admin.remove_webhook_fault),
        admin_route("POST", "/webhooks/release", admin.release_webhooks),
        admin_route("GET", "/deliveries", admin.deliveries),
    ]
