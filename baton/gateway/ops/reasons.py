"""`/ops/reasons`: what each reason for attention means, and what to do about it."""

from starlette.responses import Response
from starlette.routing import Route

from baton.gateway.ops.frame import OperatorFrame
from baton.gateway.ops.visit import Visit
from baton.orders.rules.attention import REMEDIES


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the route of the page."""
    return [frame.page("/reasons", show_reasons)]


async def show_reasons(visit: Visit) -> Response:
    """Return the page."""
    url = visit.parts.settings.runbooks_url.rstrip("/")
    return visit.page("reasons.html.jinja", remedies=REMEDIES, runbooks=url)
