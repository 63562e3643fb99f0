"""The watch activity with a scripted chain reader and recorded notices.

A real node cannot fail on demand, so the reader is scripted; the ledger is real.
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
from activities.support.address_notices import AddressNotifier
from activities.support.notices import DepositNotifier
from baton.chains.deposits import Deposit, Scan, Watch
from baton.chains.errors import ChainError, ProviderBroken
from baton.chains.spec import ChainSpec, Family, KnownToken
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
    """Answers each scan with the next entry of its script; after the last one, the worker shuts down.

    Attributes:
        script: Scans, and errors to raise.
        rechecks: The answer to the recheck of a deposit, by its transaction.
        scans: The watches and the cursor of each scan, and its time.
        rechecked: The transactions of all rechecks.
        assets: What the watches of the last scan are paid in.
    """

    script: list[Scan | ChainError]
    rechecks: dict[str, Deposit | ChainError] = field(default_factory=dict)
    scans: list[tuple[list[str], str | None, float]] = field(default_factory=list)
    rechecked: list[str] = field(default_factory=list)
    assets: list[str | None] = field(default_factory=list)
    environment: ActivityEnvironment = field(default_factory=ActivityEnvironment)

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        self.scans.append(([watch.address for watch in watches], cursor, time.monotonic()))
        self.assets = [watch.asset for watch in watches]
        answer = self.script.pop(0)
        if not self.script:
            self.environment.worker_shutdown()
        if isinstance(answer, ChainError):
            raise answer
        return answer

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        self.rechecked.append(deposit.tx_id)
        answer = self.rechecks.get(deposit.tx_id)
        if isinstance(answer, ChainError):
            raise answer
        return answer

    async def aclose(self) -> None:
        """Nothing to close."""


@dataclass
class RecordedOrders:
    """A Temporal client whose orders accept notices, unless a test says otherwise.

    Attributes:
        notices: Every accepted notice, with the workflow that accepted it.
        failing: The status with which Temporal refuses calls to a workflow.
    """

    notices: list[tuple[str, DepositNotice]] = field(default_factory=list)
    failing: dict[str, RPCStatusCode] = field(default_factory=dict)

    @property
    def states(self) -> list[tuple[str, str]]:
        """Return transaction and state of every notice."""
        return [(notice.deposit.tx_id, notice.deposit.state.value) for _, notice in self.notices]

    def get_workflow_handle(self, workflow_id: str) -> "_RecordedOrder":
        return _RecordedOrder(self, workflow_id)


@dataclass
class _RecordedOrder:
    orders: RecordedOrders
    workflow_id: str

    async def signal(self, _: str, notices: list[dict[str, Any]]) -> None:
        self._raise_failure()
        self.orders.notices += [(self.workflow_id, notice) for raw in notices if (notice := open_notice(raw))]

    async def describe(self) -> None:
        self._raise_failure()

    def _raise_failure(self) -> None:
        if status := self.orders.failing.get(self.workflow_id):
            raise RPCError(f"Temporal says {status.name}", status, b"")


@dataclass
class WatchedChain:
    """One watched chain with its own ledger."""

    ledger: Ledger
    orders: RecordedOrders = field(default_factory=RecordedOrders)
    beats: list[Watched] = field(default_factory=list)
    spec: ChainSpec = SPEC
    tokens: list[KnownToken] = field(default_factory=list)
    opened: list[ChainSpec] = field(default_factory=list)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    activities: DepositWatchActivities = field(init=False)
    reader: ScriptedReader = field(init=False)

    def __post_init__(self) -> None:
        client = cast(Client, self.orders)
        notifiers = DepositNotifier(client, {}, self.ledger), AddressNotifier(client, {}, self.ledger)
        chains = {self.spec.name: self.spec}
        self.activities = DepositWatchActivities(chains, self.ledger, *notifiers, self._open_reader, self._tokens_of)

    async def watch(self, workflow_id: str = ORDER, address: str = deposit().address, **fields: Any) -> None:
        """Watch an order's address."""
        row = {"account": "default", "quote_id": f"q_{workflow_id}_{address}", "chain": self.spec.name}
        values = {**row, "workflow_id": workflow_id, "address": address, "since": self.since, **fields}
        await self.ledger.watching.watch(WatchRow(**values))

    async def play(self, *script: Scan | ChainError, within: float = 10, **rechecks: Deposit | ChainError) -> Watched:
        """Watch until the script is over.

        Args:
            script: The results of the scans.
            within: Seconds that it may take.
            rechecks: The answers to rechecks, by transaction.
        """
        self.reader = ScriptedReader(list(script), dict(rechecks))
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
        """Return the deposits in the ledger."""
        rows = await self.ledger.watching.known(self.spec.name, [], [])
        return [Deposit.model_validate(row.document) for row in rows if row.address == deposit().address]

    async def cursor(self) -> str | None:
        """Return the saved cursor."""
        return await self.ledger.watching.cursor(self.spec.name)

    def _open_reader(self, spec: ChainSpec) -> "WatchedChain":
        self.opened.append(spec)
        return self

    async def _tokens_of(self, chain: str) -> list[KnownToken]:
        assert chain == self.spec.name
        return self.tokens

    # The activity keeps one reader, so this object forwards to the reader of the current script.

    async def scan(self, watches: Sequence[Watch], cursor: str | None) -> Scan:
        return await self.reader.scan(watches, cursor)

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        return await self.reader.recheck(deposit)

    async def aclose(self) -> None:
        """Nothing to close."""
