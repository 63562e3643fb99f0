"""Fixtures of the gateway's tests: Temporal, a ledger, a gateway, an order."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from baton.ledger.ledger import Ledger
from baton.orders.visibility import REGISTRY
from baton.temporal import ensure_search_attributes
from tests.gateway.world import (
    TASK_QUEUE,
    Gateway,
    OpenOrder,
    SignalRecorder,
    open_order,
    running_gateway,
    start_temporal,
)


@pytest.fixture(scope="session")
async def gateway_temporal() -> AsyncIterator[Client]:
    """A Temporal server with a worker for the signal recorder."""
    async with (
        await start_temporal() as environment,
        Worker(environment.client, task_queue=TASK_QUEUE, workflows=[SignalRecorder]),
    ):
        await ensure_search_attributes(environment.client, REGISTRY)
        yield environment.client


@pytest.fixture(scope="session")
async def ledger(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ledger]:
    file = tmp_path_factory.mktemp("gateway") / "ledger.db"
    async with await Ledger.open(f"sqlite:///{file}") as opened:
        yield opened


@pytest.fixture(scope="session")
async def gateway(gateway_temporal: Client, ledger: Ledger) -> AsyncIterator[Gateway]:
    """A gateway that sends each webhook in a signal of its own."""
    async with running_gateway(gateway_temporal, ledger) as running:
        yield running


@pytest.fixture
async def order(gateway_temporal: Client, ledger: Ledger) -> AsyncIterator[OpenOrder]:
    """An open order of the account `default`, known to the ledger by its order id."""
    known = await open_order(gateway_temporal)
    await ledger.index_order("default", known.order_id, known.handle.id)
    yield known
    with suppress(RPCError):  # a test may have closed it
        await known.handle.terminate()
