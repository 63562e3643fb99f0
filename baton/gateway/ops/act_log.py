"""`/ops/acts`: who did what to which order, address, link, affiliate or endpoint, when, and why."""

from starlette.responses import Response
from starlette.routing import Route

from baton.errors import InvalidArgument
from baton.gateway.ops.frame import OperatorFrame
from baton.gateway.ops.visit import Visit
from baton.ledger.acts import ActFilter

PAGE = 50
"""Acts on a page."""


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the route of the list."""
    return [frame.page("/acts", show_acts)]


async def show_acts(visit: Visit) -> Response:
    """Return a page of acts, the last one first."""
    acts, before = visit.parts.ledger.acts, visit.query("before")
    last = await acts.act(before) if before else None
    if before and last is None:
        raise InvalidArgument("before", "is no act", "begin again with the newest acts")
    wanted = ActFilter(
        accounts=visit.accounts(visit.query("account")),
        reference=visit.query("reference"),
        by=visit.query("by"),
        bulk=visit.query("bulk"),
    )
    rows = await acts.page(wanted, PAGE + 1, last)
    older = visit.address(before=rows[PAGE - 1].id) if len(rows) > PAGE else None
    return visit.page("acts.html.jinja", acts=rows[:PAGE], older=older, query=visit.query)
