"""`/ops/health`: accounts, chains, task queues and versions, with what is wrong and what mends it."""

from starlette.responses import Response
from starlette.routing import Route

from baton.gateway.ops.frame import ROOT, OperatorFrame
from baton.gateway.ops.refresh import refreshing
from baton.gateway.ops.visit import Visit
from baton.health.accounts import RECENT
from baton.health.findings import Level


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of the page and of its stream."""
    return [frame.page("/health", show_health), frame.page("/health/changes", refreshing)]


async def show_health(visit: Visit) -> Response:
    """Return the page."""
    account = visit.query("account")
    report = await visit.parts.health.read(visit.accounts(account))
    complaints = [found for found in report.every_finding if found.level in (Level.PROBLEM, Level.WARNING)]
    return visit.page(
        "health.html.jinja",
        report=report,
        complaints=complaints,
        account=account,
        recent=RECENT,
        live=f"{ROOT}/health/changes",
    )
