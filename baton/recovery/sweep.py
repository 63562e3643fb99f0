"""Compares the ledger's rows with Temporal, and mends those that differ.

Visibility and the rows name the candidates cheaply; each candidate's workflow is then asked, so that neither a lag of
visibility nor a write under way counts as a difference.
"""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from baton.ledger.ledger import Ledger
from baton.ledger.rows import RowState, WatchRow
from baton.orders.after_close import raise_after_close
from baton.orders.chain_watch import start_watches
from baton.orders.rules.stopped import stopped_attention
from baton.orders.rules.wait_plans import LONGEST_QUOTE
from baton.recovery.differences import Difference, DifferenceKind, compare, is_reset, may_differ
from baton.recovery.executions import Executions, OrderExecutions
from baton.recovery.order_reader import OrderReader, OrderReading, OrderUnread
from baton.recovery.order_rows import outranking, restored_order
from baton.recovery.stopped_sources import StoppedSources

WRITE_TIME = timedelta(seconds=10)
"""How long the publication of an order may be on its way into the ledger; workers give a write up after 3 seconds."""

ROWS = 200
"""Rows of open orders that are read at a time."""


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep found.

    Attributes:
        checked: Orders whose rows were compared.
        differences: The rows that differed from Temporal.
        unread: Open orders that no worker answered for, with the reason.
    """

    checked: int
    differences: list[Difference]
    unread: list[str]


class Sweep:
    """One comparison of a ledger with Temporal.

    Args:
        client: A Temporal client.
        ledger: The ledger.
        chains: Names of the chains whose deposit addresses are watched.
        repair: Whether to mend what differs.
    """

    def __init__(self, client: Client, ledger: Ledger, chains: Collection[str] = (), *, repair: bool) -> None:
        self._client = client
        self._ledger = ledger
        self._chains = chains
        self._repair = repair
        self._executions = OrderExecutions(client)
        self._reader = OrderReader(client)
        self._sources = StoppedSources(client, ledger, repair=repair)
        self._seen: set[str] = set()
        self._differences: list[Difference] = []
        self._unread: list[str] = []

    async def run(self, closed_since: datetime | None = None) -> SweepResult:
        """Compare open orders, and those that closed since a time; None means all that Temporal still has.

        Raises:
            LedgerError: The ledger did not answer.
            RPCError: Temporal did not answer.
        """
        await self._check_pages(self._executions.open())
        await self._check_pages(self._executions.closed(since=closed_since))
        await self._check_open_rows()
        await self._check_watches()
        self._differences += await self._sources.differences()
        return SweepResult(len(self._seen), self._differences, self._unread)

    async def run_stopped(self, since: datetime) -> SweepResult:
        """Compare only the orders whose workflows were stopped since a time, for instance in the Temporal UI.

        Raises:
            LedgerError: The ledger did not answer.
            RPCError: Temporal did not answer.
        """
        await self._check_pages(self._executions.stopped(since))
        self._differences += await self._sources.differences()
        return SweepResult(len(self._seen), self._differences, self._unread)

    async def _check_pages(self, pages: AsyncIterator[Executions]) -> None:
        """Compare the orders that visibility lists with their rows."""
        async for page in pages:
            listed = {execution.id: execution for execution in page if execution.id not in self._seen}
            self._seen.update(listed)
            rows = await self._ledger.comparison.states(list(listed))
            for workflow_id, execution in listed.items():
                if may_differ(execution, rows.get(workflow_id)):
                    await self._check(workflow_id)

    async def _check_open_rows(self) -> None:
        """Compare the rows of open orders that visibility does not list."""
        after = ""
        while rows := await self._ledger.comparison.open_states(after, ROWS):
            after = max(rows)
            for workflow_id in rows.keys() - self._seen:
                self._seen.add(workflow_id)
                await self._check(workflow_id)

    async def _check(self, workflow_id: str) -> None:
        """Ask a candidate's workflow, and compare its row again."""
        try:
            reading = await self._reader.read(workflow_id)
        except OrderUnread as error:
            self._unread.append(str(error))
            return
        row = (await self._ledger.comparison.states([workflow_id])).get(workflow_id)
        if difference := compare(workflow_id, reading, row, datetime.now(UTC) - WRITE_TIME):
            mended = reading is not None and self._repair and await self._mend(reading, row)
            self._differences.append(difference.with_repair(mended=mended))

    async def _mend(self, reading: OrderReading, row: RowState | None) -> bool:
        if reading.stopped:
            # Before the row, which says afterwards that it was done.
            await self._ask_a_person(reading)
        restored = restored_order(reading, self._chains)
        if row and (is_reset(reading, row) or reading.stopped):
            restored = outranking(restored, reading.asked_at)
        written = await self._ledger.restoration.restore(restored)
        await start_watches(self._client, {watch.chain for watch in restored.watches})
        return written

    async def _ask_a_person(self, reading: OrderReading) -> None:
        """Raise attention on an order that nobody follows any more; another workflow that follows it says so itself."""
        order = reading.snapshot
        follower = await self._ledger.find_workflow(order.account, order_id=order.order_id, quote_id=order.quote_id)
        if follower in (None, order.workflow_id):
            stopped = stopped_attention(order, reading.stopped or "", reading.closed_at or reading.asked_at)
            for attention in [*order.attentions, stopped]:
                await raise_after_close(self._client, order.workflow_id, attention)

    async def _check_watches(self) -> None:
        """Find the quotes of open orders whose addresses are not watched."""
        missing = await self._ledger.comparison.unwatched(self._chains, datetime.now(UTC) - LONGEST_QUOTE)
        if missing and self._repair:
            await self._ledger.restoration.add_watches(missing)
            await start_watches(self._client, {row.chain for row in missing})
        self._differences += [_unwatched(row).with_repair(mended=self._repair) for row in missing]


def _unwatched(row: WatchRow) -> Difference:
    return Difference(
        row.workflow_id, DifferenceKind.UNWATCHED, f"its address {row.address} on {row.chain} is not watched"
    )
