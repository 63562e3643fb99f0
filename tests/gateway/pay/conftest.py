"""Payer pages of a running Baton, with a business and a key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from baton.gateway.app import create_app
from baton.gateway.coalescer import Coalescer
from baton.gateway.parts import GatewayParts
from baton.gateway.signals import SignalSender
from baton.pages.payer_links import PayerLinks, page_tokens
from baton.process.http_server import address_of, listen, serving
from baton.settings import Settings
from tests.end_to_end.world import World, running_world
from tests.http import http_client
from tests.temporal_server import temporal_server

KEY = "Zk3vQ9xT2mB7rW5hN8cL1pD6fJ4gS0aY"


@dataclass
class Pages:
    """A gateway with payer pages, in front of a running Baton."""

    world: World
    url: str
    http: httpx.AsyncClient
    settings: Settings

    def link(self, reference: str, account: str = "default") -> str:
        """Return the link to an order's page."""
        tokens = page_tokens(self.settings)
        assert tokens is not None
        return PayerLinks(tokens, self.url).link(account, reference)


@asynccontextmanager
async def running_pages(world: World, **changes: object) -> AsyncIterator[Pages]:
    """Run a gateway whose settings have a key, a name and a contact."""
    values = {"page_key": SecretStr(KEY), "page_name": "Ada's Shop", "page_contact": "help@ada.example", **changes}
    settings = Settings(**values)
    client = world.environment.client
    coalescer = Coalescer(SignalSender(client), window=0)
    parts = GatewayParts({"default": world.account}, client, world.ledger, coalescer, settings=settings)
    listener = listen("127.0.0.1", 0)
    url = address_of(listener)
    async with serving(create_app(parts), listener, grace=1), http_client(base_url=url, timeout=20) as http:
        yield Pages(world, url, http, settings)
        parts.stopping.set()


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with temporal_server() as environment:
        yield environment


@pytest.fixture(scope="session")
async def world(temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(temporal, Path(tmp_path_factory.mktemp("pages"))) as running:
        yield running


@pytest.fixture(scope="session")
async def pages(world: World) -> AsyncIterator[Pages]:
    async with running_pages(world) as running:
        yield running
