"""`/ops/temporal`: the saved queries of the Temporal UI, as links."""

from starlette.responses import Response
from starlette.routing import Route

from baton.gateway.ops.frame import OperatorFrame
from baton.gateway.ops.visit import Visit
from baton.orders.saved_queries import saved_queries


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the route of the page."""
    return [frame.page("/temporal", show_queries)]


async def show_queries(visit: Visit) -> Response:
    """Return the queries with their links; without the UI's address in the settings, the queries alone."""
    url, namespace = visit.parts.settings.temporal_ui_url, visit.frame.namespace
    lines = [(query, query.link(url, namespace) if url else None) for query in saved_queries()]
    return visit.page("temporal.html.jinja", lines=lines, has_ui=bool(url))
