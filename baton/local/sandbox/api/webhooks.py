"""The endpoints with which a partner subscribes to webhooks: events of orders, and calls for recovery."""

from typing import Any

from starlette.routing import Route as HttpRoute

from baton.encoding.urls import parts_of_url
from baton.local.sandbox.api.fields import text
from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.engine.deliveries import Topic
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import invalid


class WebhooksApi:
    """The handlers of one topic."""

    def __init__(self, world: SandboxWorld, topic: Topic) -> None:
        self._webhooks = world.webhooks
        self._topic: Topic = topic

    def create(self, call: Call) -> dict[str, Any]:
        """`POST /v1/webhooks`: register an endpoint; the answer carries its secret."""
        url = text(call.body, "url")
        parts = parts_of_url(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise invalid("url must be an absolute http or https URL")
        endpoint = self._webhooks.register(call.owner, url, topics=(self._topic,))
        return {"webhookId": endpoint.id, "secret": endpoint.secret}

    def all(self, call: Call) -> dict[str, Any]:
        """`GET /v1/webhooks`: the endpoints, without their secrets."""
        endpoints = self._webhooks.endpoints_of(call.owner, self._topic)
        return {"webhooks": [endpoint.document for endpoint in endpoints]}

    def delete(self, call: Call) -> dict[str, Any]:
        """`DELETE /v1/webhooks/{id}`: disable an endpoint."""
        self._webhooks.disable(call.owner, call.path["id"])
        return {"ok": True}


def webhook_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of both topics."""
    # The longer paths come first, or `recovery` would match as an id.
    recovery = _routes(WebhooksApi(world, "recovery"), gate, "/v1/webhooks/recovery")
    return [*recovery, *_routes(WebhooksApi(world, "orders"), gate, "/v1/webhooks")]


def _routes(api: WebhooksApi, gate: Gate, path: str) -> list[HttpRoute]:
    return [
        HttpRoute(path, gate.endpoint("webhooks", api.create, mutating=True), methods=["POST"]),
        HttpRoute(path, gate.endpoint("webhooks", api.all)),
        HttpRoute(f"{path}/{{id}}", gate.endpoint("webhooks", api.delete, mutating=True), methods=["DELETE"]),
    ]
