"""The operator page of a running Baton, with a browser without scripts for each test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from baton.accounts.tokens import TokenBook
from baton.gateway.app import create_app
from baton.gateway.coalescer import Coalescer
from baton.gateway.parts import GatewayParts
from baton.gateway.signals import SignalSender
from baton.ledger.ledger import Ledger
from baton.process.http_server import address_of, listen, serving
from baton.settings import PartnerAccount, Settings
from tests.end_to_end.world import World, running_world
from tests.gateway.ops.operators import ENTRIES, OperatorBrowser
from tests.http import http_client
from tests.temporal_server import temporal_server

KEY = "Zk3vQ9xT2mB7rW5hN8cL1pD6fJ4gS0aY"


@dataclass
class Desk:
    """A gateway with the operator page, in front of a running Baton."""

    world: World
    url: str
    parts: GatewayParts

    @asynccontextmanager
    async def browser(self, name: str = "ada") -> AsyncIterator[OperatorBrowser]:
        """Open a browser of its own, logged in with one of the tokens."""
        async with http_client(base_url=self.url, timeout=30) as http:
            browser = OperatorBrowser(http)
            assert (await browser.log_in(name)).status_code == 303
            yield browser


@asynccontextmanager
async def running_desk(world: World, ledger: Ledger | None = None, **settings: object) -> AsyncIterator[Desk]:
    """Run a gateway that knows the operators of the tests, with the world's ledger or another one."""
    client = world.environment.client
    accounts = {"default": world.account, "shop": PartnerAccount(name="shop", unknown_orders="ignore")}
    parts = GatewayParts(
        accounts,
        client,
        ledger or world.ledger,
        Coalescer(SignalSender(client), window=0),
        TokenBook(own=ENTRIES),
        Settings(page_key=SecretStr(KEY), notify_networks=["127.0.0.0/8"], **settings),
    )
    listener = listen("127.0.0.1", 0)
    url = address_of(listener)
    async with serving(create_app(parts), listener, grace=1):
        yield Desk(world, url, parts)
        parts.stopping.set()


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with temporal_server() as environment:
        yield environment


@pytest.fixture(scope="session")
async def world(temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(temporal, Path(tmp_path_factory.mktemp("desk"))) as running:
        yield running


@pytest.fixture(scope="session")
async def desk(world: World) -> AsyncIterator[Desk]:
    async with running_desk(world) as running:
        yield running


@pytest.fixture
async def ada(desk: Desk) -> AsyncIterator[OperatorBrowser]:
    """The browser of an operator who may do everything."""
    async with desk.browser() as browser:
        yield browser
