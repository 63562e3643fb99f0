"""The endpoints of onramps and pay links, and the short links to their invoices."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route as HttpRoute

from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.api.idempotency import Answer
from baton.local.sandbox.api.onramp_orders import Onramps, onramp_answer
from baton.local.sandbox.engine.resources import SandboxPayLink, payment_app_link
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, unknown
from baton.orchestra.lifecycle import Status

_MOST_LISTED = 1_000


class OnrampApi:
    """The handlers of onramps and pay links."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world
        self._onramps = Onramps(world)

    def onramp(self, call: Call) -> Answer:
        """`POST /v1/orchestration/onramp`: 202 without an invoice if the order is held for review."""
        order, extras = self._onramps.create(call.owner, call.body)
        if order.status is Status.PAUSED:
            return Answer(202, {"orderId": order.id, "status": "paused"})
        code = self._onramps.shorten(order.quote)
        return Answer(200, onramp_answer(order, extras, call.base_url, code))

    def create_link(self, call: Call) -> Answer:
        """`POST /v1/pay-links`."""
        return Answer(201, {"payLink": self._onramps.create_link(call.owner, call.body).document(call.base_url)})

    def list_links(self, call: Call) -> dict[str, Any]:
        """`GET /v1/pay-links`."""
        limit, offset = _bounded(call.query, "limit", 200, 1), _bounded(call.query, "offset", 0, 0)
        include_disabled = call.query.get("includeDisabled") == "true"
        links = [
            link
            for link in self._world.store.pay_links.values()
            if link.partner == call.owner and (link.enabled or include_disabled)
        ]
        return {"payLinks": [link.document(call.base_url) for link in links[offset : offset + limit]]}

    def get_link(self, call: Call) -> dict[str, Any]:
        """`GET /v1/pay-links/{id}`."""
        return {"payLink": self._link(call).document(call.base_url)}

    def delete_link(self, call: Call) -> dict[str, Any]:
        """`DELETE /v1/pay-links/{id}`: clicks on it no longer make orders."""
        link = self._link(call)
        link.enabled = False
        self._world.store.pay_links.changed(link.id)
        return {"ok": True}

    async def follow(self, request: Request) -> Response:
        """`GET /pay/{code}`: redirect to the payment app. A pay link's code makes an onramp first."""
        try:
            invoice = self._invoice(request.path_params["code"])
        except ApiError as error:
            return JSONResponse(error.envelope, error.status)
        self._world.memory.flush()
        return RedirectResponse(payment_app_link(invoice), status_code=302)

    def _invoice(self, code: str) -> str:
        quote_id = self._world.store.short_links.get(code)
        if quote_id is not None:
            return self._world.store.quote(quote_id).deposit_address
        for link in self._world.store.pay_links.values():
            if link.short_id == code and link.enabled:
                order, _ = self._onramps.create(link.partner, link.body, pay_link=link)
                return order.quote.deposit_address
        raise unknown(f"no payment has the code {code}")

    def _link(self, call: Call) -> SandboxPayLink:
        link = self._world.store.pay_links.get(call.path["id"])
        if link is None or link.partner != call.owner:
            raise unknown(f"no pay link {call.path['id']}")
        return link


def onramp_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of onramps and pay links."""
    api = OnrampApi(world)
    links, link = "/v1/pay-links", "/v1/pay-links/{id}"
    return [
        HttpRoute("/v1/orchestration/onramp", gate.endpoint("onramp", api.onramp, mutating=True), methods=["POST"]),
        HttpRoute(links, gate.endpoint("pay_links", api.create_link, mutating=True), methods=["POST"]),
        HttpRoute(links, gate.endpoint("pay_links", api.list_links)),
        HttpRoute(link, gate.endpoint("pay_links", api.get_link)),
        HttpRoute(link, gate.endpoint("pay_links", api.delete_link, mutating=True), methods=["DELETE"]),
        HttpRoute("/pay/{code}", api.follow),
    ]


def _bounded(query: Any, name: str, default: int, least: int) -> int:
    value = str(query.get(name, default))
    if not (value.isascii() and value.isdigit()) or not least <= int(value[:9]) <= max(_MOST_LISTED, default):
        raise ApiError("invalid_query", f"{name} must be a whole number from {least} to {_MOST_LISTED}")
    return int(value)
