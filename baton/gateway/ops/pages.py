"""The pages of `/ops`. To add one: write its module and its template, and name it here.

A module has `routes(frame)`. Its entry in `NAVIGATION` has its name, under which `texts.toml` has its label in the
section `navigation`, and its path below `/ops`.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from baton.gateway.ops import (
    act_log,
    acts,
    bulk,
    codec,
    deliveries,
    figures,
    find,
    health,
    holds,
    inbox,
    login,
    order,
    order_list,
    reasons,
    temporal,
    waiting,
)
from baton.gateway.ops.frame import ROOT, NavigationEntry, OperatorFrame
from baton.gateway.ops.rendering import ASSETS
from baton.gateway.ops.visit import Visit
from baton.gateway.parts import GatewayParts
from baton.gateway.static_files import FOR_A_YEAR

NAVIGATION = (
    NavigationEntry("inbox", ""),
    NavigationEntry("waiting", "/waiting"),
    NavigationEntry("orders", "/orders"),
    NavigationEntry("holds", "/holds"),
    NavigationEntry("deliveries", "/deliveries"),
    NavigationEntry("bulk", "/bulk"),
    NavigationEntry("health", "/health"),
    NavigationEntry("figures", "/figures"),
    NavigationEntry("acts", "/acts"),
    NavigationEntry("reasons", "/reasons"),
    NavigationEntry("temporal", "/temporal"),
)

_PAGES = (
    login,
    inbox,
    waiting,
    order_list,
    find,
    order,
    acts,
    holds,
    deliveries,
    bulk,
    health,
    codec,
    figures,
    act_log,
    reasons,
    temporal,
)


def operator_routes(parts: GatewayParts) -> list[Route]:
    """Return the routes of the operator page; without tokens it only says how to get one.

    Raises:
        SettingsError: A setting of the page is wrong.
        ChainConfigError: The chain catalogue cannot be read.
    """
    frame = OperatorFrame(parts, NAVIGATION)
    own = [route for page in _PAGES for route in page.routes(frame)]
    assets = Route(f"{ROOT}/assets/{{name}}", _asset, methods=["GET"])
    return [assets, *own, frame.page("/{rest:path}", _nothing)]


async def _asset(request: Request) -> Response:
    found = ASSETS.get(request.path_params["name"])
    if found is None:
        return Response(status_code=404)
    return Response(found.content, media_type=found.kind, headers=FOR_A_YEAR)


async def _nothing(visit: Visit) -> Response:
    return visit.page("error.html.jinja", 404, name="no_page")
