"""`/ops/find`: an order by any id that somebody has."""

from starlette.responses import Response
from starlette.routing import Route

from baton.gateway.api.order_lists import find_orders
from baton.gateway.ops.frame import ROOT, OperatorFrame
from baton.gateway.ops.visit import Visit, see_other
from baton.gateway.ops.words import order_path

_LONGEST = 2_000


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the route of the look-up."""
    return [frame.page("/find", find)]


async def find(visit: Visit) -> Response:
    """Return the order that an id leads to, or the list of those that it may mean."""
    text = (visit.query("id") or "")[:_LONGEST]
    if not text:
        return see_other(f"{ROOT}/orders")
    found = (await find_orders(visit.client, visit.parts, visit.accounts(), text)).orders
    if len(found) == 1:
        return see_other(order_path(found[0].account, found[0].reference))
    return visit.page("found.html.jinja", text=text, orders=found)
