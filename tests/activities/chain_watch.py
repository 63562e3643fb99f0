"""A chain that tells what a test wrote down, the activity that watches it, and orders that keep what they are told.

Trouble cannot be had on demand from a real node, so the reader is scripted; the ledger is a real one.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.deposit_watch import DepositWatchActivities
from activities.support.notices import DepositNotifier
from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import ChainError, ProviderBroken
from baton.chains.spec import ChainSpec, Family
from baton.ledger.ledger import Ledger
from baton.ledger.rows import WatchRow
from baton.orders.seen_deposits import DepositNotice, open_notice
from baton.orders.watch_messages import WatchChain, Watched
from tests.chains.deposits import deposit

CHAIN = "base"
ORDER = "order/default/invoice-42"
UNKNOWN = ProviderBroken("unknown_tx", "node: does not answer for the transaction")
SPEC = ChainSpec(
    name=CHAIN, family=Family.EVM, native="ETH", native_decimals=18, poll_seconds=0.01, block_seconds=2, providers=()
)


@dataclass
class ScriptedReader:
    """Answers each scan by the next line of its script; after the last one the worker that watches is shut down.

    Attributes:
        script: Scans, and errors to raise.
        standing: What the chain holds when a deposit is looked at once more, by its transaction.
        asked: The watches and the cursor of each scan, and when it came.
    """

    script: list[Scan | ChainError]
    standing: dict[str, Deposit | ChainError] = field(default_factory=dict)
    asked: list[tuple[list[str], str | None, float]] = field(default_factory=list)
    rechecked: list[str] = field(default_factory=list)
    environment: ActivityEnvironment = field(default_factory=ActivityEnvironment)

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        self.asked.append(([watch.address for watch in watches], cursor, time.monotonic()))
        answer = self.script.pop(0)
        if not self.script:
            self.environment.worker_shutdown()
        if isinstance(answer, ChainError):
            raise answer
        return answer

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        self.rechecked.append(deposit.tx_id)
        found = self.standing.get(deposit.tx_id)
        if isinstance(found, ChainError):
            raise found
        return found

    async def aclose(self) -> None:
        """There is nothing to close."""


@dataclass
class Orders:
    """Stands for Temporal's client: orders that take notices, unless a test says otherwise.

    Attributes:
        told: Every notice that was taken, with the workflow that took it.
        failing: How Temporal answers for a workflow, in place of taking it.
    """

    told: list[tuple[str, DepositNotice]] = field(default_factory=list)
    failing: dict[str, RPCStatusCode] = field(default_factory=dict)

    @property
    def states(self) -> list[tuple[str, str]]:
        """Return transaction and state of every notice."""
        return [(notice.deposit.tx_id, notice.deposit.state.value) for _, notice in self.notices]

    def get_workflow_handle(self, workflow_id: str) -> "_Order":
        return _Order(self, workflow_id)


@dataclass
class _Order:
    orders: Orders
    workflow_id: str

    async def signal(self, _: str, notices: list[dict[str, Any]]) -> None:
        self._answer()
        self.orders.notices += [(self.workflow_id, notice) for raw in notices if (notice := open_notice(raw))]

    async def query(self, *_: object, **__: object) -> None:
        self._answer()

    def _answer(self) -> None:
        if status := self.orders.failing.get(self.workflow_id):
            raise RPCError(f"Temporal says {status.name}", status, b"")


@dataclass
class ChainWatching:
    """The watching of one chain, with a ledger of its own."""

    ledger: Ledger
    orders: Orders = field(default_factory=Orders)
    beats: list[Watched] = field(default_factory=list)
    spec: ChainSpec = SPEC
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    activities: DepositWatchActivities = field(init=False)
    reader: ScriptedReader = field(init=False)

    def __post_init__(self) -> None:
        notices = DepositNotifier(cast(Client, self.orders), {}, self.ledger)
        self.activities = DepositWatchActivities({self.spec.name: self.spec}, self.ledger, notices, lambda _: self)

    async def watch(self, workflow_id: str = ORDER, address: str = deposit().address, **fields: Any) -> None:
        """Have an order's address watched."""
        row = {"account": "default", "quote_id": f"q_{workflow_id}_{address}", "chain": self.spec.name}
        given = {**row, "workflow_id": workflow_id, "address": address, "since": self.since, **fields}
        await self.ledger.watching.watch(WatchRow(**given))

    async def look(self, *script: Scan | ChainError, within: float = 10, **standing: Deposit | ChainError) -> Watched:
        """Watch until the script is over.

        Args:
            script: What the scans bring.
            within: Seconds that it may take.
            standing: What the chain holds of transactions that are looked at once more.
        """
        self.reader = ScriptedReader(list(script), dict(standing))
        return await self.run(self.reader.environment, within=within)

    async def run(
        self, environment: ActivityEnvironment, *, stretch: timedelta = timedelta(minutes=10), within: float = 10
    ) -> Watched:
        """Run the activity as Temporal does."""
        environment.on_heartbeat = lambda *details: self.beats.extend(detail.model_copy() for detail in details)
        call = WatchChain(chain=self.spec.name, stretch=stretch)
        async with asyncio.timeout(within):
            return await environment.run(self.activities.watch_chain, call)

    async def known(self) -> list[Deposit]:
        """Return the deposits that the ledger holds."""
        rows = await self.ledger.watching.deposits_to(self.spec.name, deposit().address)
        return [Deposit.model_validate(row.document) for row in rows]

    async def cursor(self) -> str | None:
        """Return how far the chain was read."""
        return await self.ledger.watching.cursor(self.spec.name)

    # The reader that the activity keeps; the script behind it changes from look to look.

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        return await self.reader.scan(watches, cursor)

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        return await self.reader.recheck(deposit)

    async def aclose(self) -> None:
        """There is nothing to close."""
