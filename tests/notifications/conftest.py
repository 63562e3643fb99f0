"""Notifications with a real Temporal server, a ledger, and real HTTP endpoints; events are written into the ledger."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.notify_workers import NotifyWorkers
from baton.ledger.ledger import Ledger
from baton.ledger.rows import EventRow, OrderRow
from baton.notifications.addresses import networks_of
from baton.notifications.book import EndpointBook
from baton.notifications.endpoint import AppEndpoint, SigningSecret
from baton.notifications.signing import new_secret
from baton.orders.events import event_id
from baton.process.worker_set import WorkerSet
from tests.temporal_server import temporal_server

OPENED = datetime.now(UTC)
LOOPBACK = networks_of(["127.0.0.0/8"])


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with temporal_server() as environment:
        yield environment


@dataclass
class Feed:
    """A ledger whose orders a test moves, and the endpoints that are notified."""

    client: Client
    ledger: Ledger
    name: str
    file: Path

    async def endpoint(self, url: str, name: str = "shop", **fields: Any) -> AppEndpoint:
        """Add an endpoint; names are unique in the Temporal server, so each test has its own."""
        secret = SigningSecret(secret=SecretStr(new_secret()))
        endpoint = AppEndpoint(name=f"{self.name}-{name}", url=url, secrets=[secret], **fields)
        await self.ledger.endpoints.create(endpoint.row("a test"))
        return endpoint

    def fails_since(self, endpoint: AppEndpoint, at: datetime) -> None:
        """Have the ledger say that the endpoint has accepted nothing since a time."""
        values = (at.strftime("%Y-%m-%d %H:%M:%S.%f"), endpoint.name)
        with closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
            connection.execute("UPDATE baton_endpoint_states SET failing_since = ? WHERE endpoint = ?", values)

    async def move(self, reference: str, *types: str, account: str = "default", revision: int = 1) -> list[str]:
        """Write an order with these events; return their ids."""
        now = datetime.now(UTC)
        workflow_id = f"order/{account}/{reference}"
        row = OrderRow(
            workflow_id=workflow_id,
            account=account,
            reference=reference,
            phase="tracking",
            created_at=OPENED,
            updated_at=now,
            published_at=now,
            revision=revision,
        )
        events = [
            EventRow(
                id=event_id(f"{self.name}{workflow_id}", OPENED, kind, number),
                workflow_id=workflow_id,
                account=account,
                reference=reference,
                type=kind,
                occurred_at=now,
                data={"status": kind},
            )
            for number, kind in enumerate(types)
        ]
        await self.ledger.write_order(row, [], events=events)
        return [row.id for row in await self.ledger.events.of_order(workflow_id)]

    @asynccontextmanager
    async def worker(self, file: Path | None = None) -> AsyncIterator[EndpointBook]:
        """Run what a worker runs for notifications; `file` has endpoints beside those of the ledger."""
        book = EndpointBook(file, self.ledger, LOOPBACK)
        notifying, workers, stop = (
            NotifyWorkers(self.client, self.ledger, book, timedelta(seconds=1)),
            WorkerSet(),
            asyncio.Event(),
        )
        planning = asyncio.create_task(notifying.plan())

        async def keep() -> None:
            while not stop.is_set():
                await workers.keep(notifying.plans())
                await workers.wait(stop, 0.1)

        keeping = asyncio.create_task(keep())
        try:
            yield book
        finally:
            planning.cancel()
            stop.set()
            await asyncio.gather(planning, keeping, return_exceptions=True)
            await workers.stop()
            await notifying.aclose()


@pytest.fixture
async def feed(temporal: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Feed]:
    file = tmp_path / "ledger.db"
    async with await Ledger.open(f"sqlite:///{file}") as ledger:
        await ledger.mark_complete()
        yield Feed(temporal.client, ledger, f"t{abs(hash(request.node.name)) % 10**8}", file)
