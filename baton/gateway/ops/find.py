"""`/ops/find`: an order by any id that somebody has."""

from starlette.responses import Response
from starlette.routing import Route

from baton.accounts.tokens import Verb
from baton.gateway.api.acts import AdoptionBody
from baton.gateway.api.order_lists import find_orders
from baton.gateway.ops.forms import checked_body
from baton.gateway.ops.frame import ROOT, OperatorFrame, may
from baton.gateway.ops.visit import Visit, see_other
from baton.gateway.ops.words import order_path
from baton.orchestra.models import MAX_ID

_LONGEST = 2_000


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of the look-up, and of following an order of Orchestra that Baton does not follow."""
    return [frame.page("/find", find), frame.form("/adopt", adopt)]


async def find(visit: Visit) -> Response:
    """Return the order that an id leads to, or the list of those that it may mean."""
    text = (visit.query("id") or "")[:_LONGEST]
    if not text:
        return see_other(f"{ROOT}/orders")
    found = (await find_orders(visit.client, visit.parts, visit.accounts(), text)).orders
    if len(found) == 1:
        return see_other(order_path(found[0].account, found[0].reference))
    can_adopt = not found and len(text) <= MAX_ID and may(visit.caller, Verb.OPERATE)
    return visit.page("found.html.jinja", text=text, orders=found, can_adopt=can_adopt)


async def adopt(visit: Visit) -> Response:
    """Follow an order of Orchestra, and show it."""
    visit.caller.require(Verb.OPERATE)
    account = visit.account(visit.field("account") or visit.caller.usual_account)
    body = checked_body(AdoptionBody, order_id=visit.field("order_id"), note=visit.field("note"))
    adoption = await visit.client.adopt(body.order_id, account, note=body.note)
    return see_other(f"{order_path(adoption.account, adoption.reference)}?done=adopt")
