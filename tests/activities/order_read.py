"""An order at a sandbox, and the read activity, called as Temporal calls it."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.reads import ReadActivities
from activities.support.account_clients import AccountClients
from activities.support.streams import EventStreams
from baton.accounts.route_book import RouteBook
from baton.ledger.ledger import Ledger
from baton.local.sandbox.control import SandboxControl
from baton.orchestra.client import OrchestraClient
from baton.orchestra.models import QuoteRequest
from baton.orchestra.proofs import DepositProof
from baton.orders.messages import Cadence, ReadOrder, ReadResult
from baton.ownership.claims import Claims
from baton.settings import PartnerAccount
from tests.end_to_end.world import USDC_TO_BTC
from tests.eventually import eventually
from tests.sandbox_server import running_sandbox

KEY = "fn_sandbox"
CADENCE = Cadence(first=timedelta(seconds=15), longest=timedelta(seconds=120))


async def pause_of(reading: Awaitable[ReadResult]) -> float:
    """Return the retry delay of a read without news, in seconds."""
    with pytest.raises(ApplicationError) as raised:
        await reading
    assert raised.value.type == "NothingNew"
    assert raised.value.next_retry_delay is not None
    return raised.value.next_retry_delay.total_seconds()


@dataclass
class OrderRead:
    """The read of an order in `processing`, which moves only when the test says so."""

    sandbox: SandboxControl
    activities: ReadActivities
    order_id: str
    environment: ActivityEnvironment = field(default_factory=ActivityEnvironment)

    async def read(
        self,
        *,
        known: str = "processing",
        known_at: datetime | None = None,
        attempt: int = 1,
        cadence: Cadence | None = CADENCE,
        limit: timedelta = timedelta(minutes=7),
    ) -> ReadResult:
        """Run one attempt of the activity."""
        self.environment.info = replace(self.environment.info, attempt=attempt, start_to_close_timeout=limit)
        call = ReadOrder(
            account="default",
            workflow_id="order/default/a",
            order_id=self.order_id,
            known_status=known,
            known_updated_at=known_at,
            cadence=cadence,
        )
        return await self.environment.run(self.activities.read_order, call)

    async def calls(self, endpoint: str) -> int:
        """Return how many calls the endpoint received."""
        return len(await self.sandbox.requests(endpoint))

    async def until_listening(self) -> None:
        """Wait until a stream is open."""
        await eventually(lambda: self.sandbox.requests("sse"), lambda calls: any(call["status"] for call in calls))


@asynccontextmanager
async def reading(folder: Path, *, streams: EventStreams | None = None, **account: Any) -> AsyncIterator[OrderRead]:
    """Submit an order at a sandbox; `account` are fields of the account that reads it."""
    async with (
        running_sandbox(scenario="stepped", heartbeat_seconds=0.05) as (base_url, sandbox),
        await Ledger.open(f"sqlite:///{folder / 'ledger.db'}") as ledger,
        AccountClients({"default": account_at(base_url, **account)}) as clients,
    ):
        reads = ReadActivities(clients, Claims(cast(Client, None), ledger), streams or EventStreams(), RouteBook({}))
        yield OrderRead(sandbox, reads, await new_order(base_url, sandbox))


def account_at(base_url: str, **fields: Any) -> PartnerAccount:
    """Return the account `default` of a sandbox."""
    return PartnerAccount.model_validate(
        {"name": "default", "base_url": base_url, "api_key": SecretStr(KEY), "tracking": "sse", **fields}
    )


async def new_order(base_url: str, sandbox: SandboxControl) -> str:
    """Quote, pay and submit an order; return its id."""
    async with OrchestraClient(base_url, KEY) as client:
        quote = await client.quote(QuoteRequest.model_validate(USDC_TO_BTC), "quote")
        proof = DepositProof.model_validate(await sandbox.deposit(quote.quote_id))
        return (await client.submit(quote.quote_id, proof, "submit")).order_id
