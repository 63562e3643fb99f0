"""The gateway as an ASGI application, built from its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from baton.gateway.adoption import Adopter
from baton.gateway.api.app import create_api
from baton.gateway.codec import codec_routes
from baton.gateway.deliveries import DeliveryRecords
from baton.gateway.direct_routes import DirectRoutes
from baton.gateway.dispatcher import Dispatcher
from baton.gateway.errors import HANDLERS
from baton.gateway.front import Front
from baton.gateway.health import health_routes
from baton.gateway.order_reads import OrderReads
from baton.gateway.parts import GatewayParts
from baton.gateway.traced_calls import TracedCalls
from baton.gateway.webhook_counter import WebhookCounter
from baton.gateway.webhooks import WEBHOOKS, webhook_routes
from baton.metrics.access import MetricsAccess
from baton.metrics.scrape import Scrape, metrics_route
from baton.order_lists import OrderLists
from baton.ownership.owners import Owners
from baton.recovery.completeness import require_complete
from baton.temporal import require_namespace


def create_app(parts: GatewayParts) -> Front:
    """Return the application."""
    app = create_routes(parts)
    webhooks = [route for route in app.routes if isinstance(route, Route) and route.path.startswith(WEBHOOKS)]
    return Front(DirectRoutes(app, webhooks), parts.settings)


def create_routes(parts: GatewayParts) -> Starlette:
    """Return the application without what every request passes first."""
    records, counter = DeliveryRecords(parts.ledger), WebhookCounter(parts.ledger)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await parts.coalescer.drain()
        await records.flush()
        await counter.flush()

    app = Starlette(routes=_routes(parts, records, counter), exception_handlers=HANDLERS, lifespan=lifespan)
    # Not as a mount: that would match every path, and a webhook path with a wrong method would no longer be a 405.
    app.router.default = TracedCalls(create_api(parts))
    # The address of a redirect would be made of the Host header, which anybody can write.
    app.router.redirect_slashes = False
    return app


def _routes(parts: GatewayParts, records: DeliveryRecords, counter: WebhookCounter) -> list[BaseRoute]:
    owners = Owners(parts.client, parts.ledger)
    dispatcher = Dispatcher(
        owners,
        parts.coalescer,
        Adopter(parts.client, parts.ledger, owners, OrderReads(parts.accounts)),
        records,
        require_complete=partial(require_complete, parts.client, parts.ledger),
    )
    access = MetricsAccess(parts.settings.bind, parts.settings.secret("metrics_token"))
    return [
        *health_routes(
            {"temporal": lambda: require_namespace(parts.client), "ledger": parts.ledger.ping}, draining=parts.draining
        ),
        metrics_route(Scrape("gateway", parts.ledger, OrderLists(parts.client).reasons_after_end), access),
        *webhook_routes(parts.accounts, dispatcher, records, counter),
        *codec_routes(parts),
    ]
