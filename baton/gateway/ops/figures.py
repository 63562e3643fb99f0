"""`/ops/figures`: orders over time, how long they took, and what needs a person, as pictures."""

from starlette.responses import Response
from starlette.routing import Route

from baton.errors import BatonError
from baton.gateway.figure_reader import FigurePeriod
from baton.gateway.ops.drawings import drawings_of
from baton.gateway.ops.frame import ROOT, OperatorFrame
from baton.gateway.ops.refresh import refreshing
from baton.gateway.ops.visit import Visit
from baton.gateway.ops.words import order_path


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of the page and of its stream."""
    return [frame.page("/figures", show_figures), frame.page("/figures/changes", refreshing)]


async def show_figures(visit: Visit) -> Response:
    """Return the page."""
    account, period = visit.query("account"), _period(visit.query("period"))
    report = await visit.parts.figures.read(period, visit.accounts(account), await _attended(visit))
    return visit.page(
        "figures.html.jinja",
        report=report,
        drawings=drawings_of(report, visit.frame.texts),
        periods=list(FigurePeriod),
        account=account,
        order_path=order_path,
        live=f"{ROOT}/figures/changes",
    )


def _period(text: str | None) -> FigurePeriod:
    return FigurePeriod(text) if text in set(FigurePeriod) else FigurePeriod.DAY


async def _attended(visit: Visit) -> set[str]:
    """Return the ended orders that need a person; none if Temporal does not say: the figures are the ledger's."""
    try:
        return await visit.client.attended_orders()
    except BatonError:
        return set()
