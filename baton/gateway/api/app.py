"""The order API as an ASGI application: its routes, its errors, and what every request passes through."""

from fastapi import FastAPI

from baton.gateway.api import (
    acts,
    affiliates,
    bulk,
    deliveries,
    endpoints,
    events,
    health,
    history,
    holds,
    order_lists,
    orders,
    placing,
    prices,
    sources,
    webhooks,
)
from baton.gateway.api.docs import docs_routes
from baton.gateway.api.edge import ApiEdge
from baton.gateway.api.errors import API_HANDLERS
from baton.gateway.ops.pages import operator_routes
from baton.gateway.parts import GatewayParts
from baton.gateway.pay.routes import pay_routes
from baton.version import __version__

_DESCRIPTION = """\
Orders of a partner of Flashnet Orchestra. Amounts are whole numbers of smallest units, written as strings; times are
ISO 8601. Each call needs the header `Authorization: Bearer TOKEN`; `baton token new NAME` makes a token.
"""

_PARTS = (
    placing,
    order_lists,
    orders,
    history,
    prices,
    sources,
    affiliates,
    holds,
    events,
    endpoints,
    deliveries,
    acts,
    bulk,
    health,
    webhooks,
)
"""The modules of routes; what is first is matched first, and is first on the page."""


def create_api(parts: GatewayParts) -> FastAPI:
    """Return the application that serves everything but webhooks and health.

    Args:
        parts: What the gateway works with; routes find it as `request.app.state.parts`.
    """
    api = FastAPI(
        title="Baton order API",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=API_HANDLERS,
    )
    api.state.parts = parts
    api.add_middleware(ApiEdge, tokens=parts.tokens)
    for part in _PARTS:
        api.include_router(part.router)
    api.router.routes.extend([*docs_routes(api), *pay_routes(parts), *operator_routes(parts)])
    return api
