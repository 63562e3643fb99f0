"""The gateway as an ASGI application, built from its parts."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from temporalio.client import Client

from baton.gateway.adoption import Adopter
from baton.gateway.coalescer import Coalescer
from baton.gateway.deliveries import DeliveryRecords
from baton.gateway.dispatcher import Dispatcher
from baton.gateway.errors import HANDLERS
from baton.gateway.health import health_routes
from baton.gateway.order_reads import OrderReads
from baton.gateway.webhooks import webhook_routes
from baton.ledger.ledger import Ledger
from baton.ownership.owners import Owners
from baton.recovery.completeness import require_complete
from baton.settings import PartnerAccount
from baton.temporal import require_namespace


@dataclass(frozen=True)
class GatewayParts:
    """What the gateway works with. The caller that opened the ledger and the client closes them.

    Attributes:
        accounts: The partner accounts by name.
        client: A Temporal client; with a lazy one the gateway can start before Temporal.
        ledger: An open ledger.
        coalescer: Signals the workflows; drained when the application stops.
    """

    accounts: Mapping[str, PartnerAccount]
    client: Client
    ledger: Ledger
    coalescer: Coalescer


def create_app(parts: GatewayParts) -> Starlette:
    """Return the application."""
    records = DeliveryRecords(parts.ledger)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await parts.coalescer.drain()
        await records.flush()

    return Starlette(routes=_routes(parts, records), exception_handlers=HANDLERS, lifespan=lifespan)


def _routes(parts: GatewayParts, records: DeliveryRecords) -> list[BaseRoute]:
    owners = Owners(parts.client, parts.ledger)
    dispatcher = Dispatcher(
        owners,
        parts.coalescer,
        Adopter(parts.client, parts.ledger, owners, OrderReads(parts.accounts)),
        records,
        require_complete=partial(require_complete, parts.client, parts.ledger),
    )
    return [
        *health_routes({"temporal": lambda: require_namespace(parts.client), "ledger": parts.ledger.ping}),
        *webhook_routes(parts.accounts, dispatcher, records),
    ]
