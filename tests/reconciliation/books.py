"""Books of many orders: made at the sandbox over its API, and rows of a ledger that say the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from baton.ledger.ledger import Ledger
from baton.local.sandbox.control import SandboxControl
from baton.orchestra.client import OrchestraClient
from baton.orchestra.models import OrderRecord, QuoteRequest
from baton.orders.answers import Snapshot
from baton.orders.models import OrderPolicy, Outcome, Phase
from baton.orders.names import order_workflow_id
from baton.orders.record import rows_of
from baton.reconciliation.orchestra_side import OrchestraSide
from baton.reconciliation.reconciled_order import ReconciledOrder
from baton.reconciliation.reconciler import AskWorkflow, Period, Reconciler
from tests.end_to_end.world import USDC_TO_BTC
from tests.eventually import eventually
from tests.sandbox_server import running_sandbox

REQUEST = QuoteRequest.model_validate(USDC_TO_BTC)
RECIPIENT = REQUEST.recipient_address


async def forgotten(ours: Snapshot) -> Snapshot:
    """Answer for the workflow of an order that Temporal has forgotten."""
    return ours


@dataclass
class Books:
    """Orchestra's side and Baton's side of the same orders."""

    sandbox: SandboxControl
    orchestra: OrchestraClient
    ledger: Ledger
    opened_at: datetime

    async def completed(self, number: int) -> list[Snapshot]:
        """Make paid and completed orders at Orchestra, and return what Baton would have of them."""
        gate = asyncio.Semaphore(8)

        async def make() -> None:
            async with gate:
                await self.sandbox.foreign_order("elsewhere", request={"recipientAddress": RECIPIENT})

        await asyncio.gather(*(make() for _ in range(number)))
        records = await eventually(self._records, lambda found: all(one.status == "completed" for one in found))
        return [snapshot_of(record, self.opened_at) for record in records]

    async def _records(self) -> list[OrderRecord]:
        return (await self.orchestra.history(RECIPIENT)).orders

    async def write(self, snapshot: Snapshot) -> None:
        """Write what Baton has into the ledger."""
        await self.ledger.write_order(*rows_of(snapshot))

    async def reconcile(
        self, *, after: timedelta = timedelta(hours=1), ask: AskWorkflow = forgotten, side: OrchestraSide | None = None
    ) -> list[ReconciledOrder]:
        """Reconcile the last day, some time after its last change."""
        now = datetime.now(UTC) + after
        side = side or OrchestraSide(self.orchestra, 0)
        reconciler = Reconciler("default", self.ledger, side, ask, lambda: now)
        return [line async for line in reconciler.run(Period(now - timedelta(days=1), now))]


@asynccontextmanager
async def open_books(folder: Path) -> AsyncIterator[Books]:
    """Open an Orchestra and a ledger without orders."""
    async with (
        running_sandbox(time_scale=0.0) as (url, sandbox),
        OrchestraClient(url, "fn_sandbox") as orchestra,
        await Ledger.open(f"sqlite:///{folder / 'ledger.db'}") as ledger,
    ):
        yield Books(sandbox, orchestra, ledger, datetime.now(UTC) - timedelta(minutes=1))


def snapshot_of(record: OrderRecord, opened_at: datetime, **changes: Any) -> Snapshot:
    """Return an ended order as Baton has it that learnt everything of Orchestra's record."""
    reference = f"book-{record.id}"
    values = {
        "workflow_id": order_workflow_id("default", reference),
        "account": "default",
        "reference": reference,
        "kind": "swap",
        "request": REQUEST,
        "policy": OrderPolicy(),
        "revision": 1,
        "phase": Phase.CLOSED,
        "status": record.status,
        "outcome": Outcome.COMPLETED,
        "order_id": record.id,
        "quote_id": record.quote_id,
        "source_chain": REQUEST.source_chain,
        "source_asset": REQUEST.source_asset,
        "destination_chain": REQUEST.destination_chain,
        "destination_asset": REQUEST.destination_asset,
        "recipient_address": REQUEST.recipient_address,
        "amount_in": record.amount_in,
        "amount_out": record.amount_out,
        "fee_amount": record.fee_amount,
        "fee_asset": record.fee_asset,
        "opened_at": opened_at,
        "closed_at": record.completed_at or opened_at,
        "published_at": opened_at,
    }
    return Snapshot.model_validate({**values, **changes})
