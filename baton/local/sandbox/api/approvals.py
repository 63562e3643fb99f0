"""The endpoints with which a partner decides about a waiting order: ZeroConf offers and new prices."""

from typing import Any

from starlette.routing import Route as HttpRoute

from baton.local.sandbox.api.fields import optional_text, text
from baton.local.sandbox.api.gate import Call, Gate, Handler
from baton.local.sandbox.engine.store import SandboxOrder
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import invalid


class ApprovalsApi:
    """The handlers. Each answers with the order's id and its status after the decision."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def accept(self, call: Call) -> dict[str, Any]:
        """`POST /v1/orchestration/zeroconf/accept`."""
        order = self._order(call)
        self._world.approvals.accept(order)
        return _standing(order)

    def decline(self, call: Call) -> dict[str, Any]:
        """`POST /v1/orchestration/zeroconf/decline`."""
        order = self._order(call)
        optional_text(call.body, "reason")
        self._world.approvals.decline(order)
        return _standing(order)

    def approve(self, call: Call) -> dict[str, Any]:
        """`POST /v1/orchestration/reprice/approve`."""
        order, minimum = self._order(call), text(call.body, "approvedMinAmountOut")
        if not (minimum.isascii() and minimum.isdigit()) or len(minimum) > 40:
            raise invalid("approvedMinAmountOut must be a whole number of smallest units, written as a string")
        self._world.approvals.approve(order, int(minimum))
        return _standing(order)

    def reject(self, call: Call) -> dict[str, Any]:
        """`POST /v1/orchestration/reprice/reject`."""
        order = self._order(call)
        self._world.approvals.reject(order, optional_text(call.body, "reason"))
        return _standing(order)

    def refund(self, call: Call) -> dict[str, Any]:
        """`POST /v1/orchestration/reprice/refund`."""
        order = self._order(call)
        optional_text(call.body, "reason")
        self._world.approvals.refund(order, optional_text(call.body, "refundAddress"))
        return _standing(order)

    def _order(self, call: Call) -> SandboxOrder:
        return self._world.store.order(text(call.body, "orderId"), call.owner)


def approval_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of the decisions."""
    api = ApprovalsApi(world)
    handlers: dict[str, Handler] = {
        "zeroconf/accept": api.accept,
        "zeroconf/decline": api.decline,
        "reprice/approve": api.approve,
        "reprice/reject": api.reject,
        "reprice/refund": api.refund,
    }
    return [
        HttpRoute(
            f"/v1/orchestration/{path}",
            gate.endpoint(path.partition("/")[0], handler, mutating=True),
            methods=["POST"],
        )
        for path, handler in handlers.items()
    ]


def _standing(order: SandboxOrder) -> dict[str, Any]:
    return {"orderId": order.id, "status": order.public_status}
