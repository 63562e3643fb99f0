"""The ledger: finds the workflow of a quote or an order, and returns orders, transitions and deliveries.

Every operation ends within the ledger's timeout, and raises `LedgerUnavailable` if it could not be done. Every write is
idempotent, except that each recorded delivery adds a row.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from baton.ledger import statements, transactions
from baton.ledger.acts import ActTables
from baton.ledger.bulks import BulkTables
from baton.ledger.comparison import Comparison
from baton.ledger.completeness import complete_since, set_complete
from baton.ledger.credits import Credits
from baton.ledger.database import Database, Query
from baton.ledger.endpoints import EndpointTables
from baton.ledger.engine import CONNECTIONS
from baton.ledger.errors import LedgerIncomplete
from baton.ledger.events import EventTables
from baton.ledger.fee_payouts import FeePayouts
from baton.ledger.figures import OrderFigures
from baton.ledger.gauges import GaugeTables
from baton.ledger.guard import OnLedgerError
from baton.ledger.held_orders import HeldOrderTables
from baton.ledger.notifications import NotificationTables
from baton.ledger.order_queues import OrderQueues
from baton.ledger.order_search import OrderSearch
from baton.ledger.payers import Payers
from baton.ledger.periods import OrderPeriods
from baton.ledger.restoration import Restoration
from baton.ledger.retention import Retention
from baton.ledger.rows import (
    LATE,
    EventRow,
    FeePayoutRow,
    OrderEntry,
    OrderKeyRow,
    OrderRow,
    QuoteEntry,
    TransitionRow,
)
from baton.ledger.schema import order_index, quote_index
from baton.ledger.setup import Upgrades
from baton.ledger.sources import SourceTables
from baton.ledger.timeline import in_order
from baton.ledger.watches import WatchTables
from baton.ledger.webhook_counts import WebhookCounts
from baton.ledger.webhook_log import WebhookLog

TIMEOUT = 5.0
"""Seconds that one operation may take by default."""


class Ledger(WebhookLog):
    """An open ledger, from `Ledger.open`; closed by `close` or at the end of its `async with` block.

    Attributes:
        watching: The watched addresses and the deposits seen there.
        payers: The payments that payers of onramps were asked for.
        credits: The accepted ZeroConf offers.
        restoration: Writes rows again from what Temporal has.
        comparison: Rows as the sweep compares them with Temporal.
        sources: Reusable addresses and pay links, and their deposit addresses.
        fee_payouts: The app fees that orders paid.
        events: The feed of what happened to orders.
        figures: Counts of many orders.
        gauges: What a scrape of the metrics shows.
        periods: The orders of a period.
        search: Orders by any filter, page by page, and by any id.
        queues: The orders that need a person, and whom the open ones wait for.
        webhook_counts: How many webhooks came, and what became of them.
        held_orders: The orders that wait behind holds.
        endpoints: Endpoints that are notified of events, and their states.
        notifications: What is to be sent to which endpoint, and every attempt.
        acts: The record of what people and apps did.
        bulks: Acts in bulk, with a row for each of their orders.
        retention: Forgets orders that ended long ago.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.watching = WatchTables(database)
        self.payers = Payers(database)
        self.credits = Credits(database)
        self.restoration = Restoration(database)
        self.comparison = Comparison(database)
        self.sources = SourceTables(database)
        self.fee_payouts = FeePayouts(database)
        self.events = EventTables(database)
        self.figures = OrderFigures(database)
        self.gauges = GaugeTables(database)
        self.periods = OrderPeriods(database)
        self.search = OrderSearch(database)
        self.queues = OrderQueues(database)
        self.held_orders = HeldOrderTables(database)
        self.endpoints = EndpointTables(database)
        self.webhook_counts = WebhookCounts(database)
        self.notifications = NotificationTables(database)
        self.acts = ActTables(database)
        self.bulks = BulkTables(database)
        self.retention = Retention(database)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - it limits every operation
        on_error: OnLedgerError | None = None,
        connections: int = CONNECTIONS,
        upgrades: Upgrades = "start",
    ) -> Self:
        """Open a ledger; create its schema if there is none, and upgrade an older one.

        Args:
            url: `sqlite:///path` or `postgresql://user:password@host:port/database`.
            timeout: Seconds that every operation may take; an upgrade takes as long as it needs.
            on_error: Gets the error of each operation that fails.
            connections: How many connections to PostgreSQL it may hold at the same time.
            upgrades: Whether opening the ledger upgrades it, or `baton ledger upgrade` alone.

        Raises:
            LedgerUrlError: The URL cannot be used.
            LedgerUnavailable: The database cannot be reached, or the file cannot be opened.
            LedgerTooNew: The ledger belongs to a newer Baton.
            LedgerOutdated: The ledger is older, and only the command upgrades it.
        """
        database = Database(url, timeout, on_error, connections, upgrades)
        try:
            await database.prepare()
        except BaseException:
            await database.close()
            raise
        return cls(database)

    async def close(self) -> None:
        """Close every connection. Repeating it is harmless."""
        await self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"Ledger({self._database.name})"

    async def ping(self) -> None:
        """Check that the ledger answers and that its schema version is known.

        Raises:
            LedgerUnavailable: It does not answer.
            LedgerTooNew: A newer Baton has upgraded it.
        """
        await self._database.check()

    async def is_complete(self) -> bool:
        """Whether the ledger has all orders: a new one does not, until `mark_complete`.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(complete_since())
        return bool(rows and rows[0]["value"])

    async def require_complete(self) -> None:
        """Check that the ledger has all orders, before something is decided by what is not in it.

        Raises:
            LedgerIncomplete: It has not.
            LedgerUnavailable: The ledger did not answer.
        """
        if not await self.is_complete():
            raise LedgerIncomplete(self._database.name)

    async def mark_complete(self) -> None:
        """Note that the ledger has all orders from now on; a repeat changes nothing.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self._database.execute(set_complete(datetime.now(UTC)))

    async def index_quote(self, entry: QuoteEntry) -> None:
        """Write the workflow and the deposit address of a quote into the index.

        Raises:
            LedgerConflict: The quote belongs to another workflow; the entry stays as it was.
            LedgerUnavailable: It could not be written.
        """
        await self._database.write(lambda connection: transactions.claim(connection, entry))

    async def index_order(self, account: str, order_id: str, workflow_id: str) -> None:
        """Write the workflow of an Orchestra order into the index.

        Raises:
            LedgerConflict: The order belongs to another workflow; the entry stays as it was.
            LedgerUnavailable: It could not be written.
        """
        entry = OrderEntry(account=account, order_id=order_id, workflow_id=workflow_id)
        await self._database.write(lambda connection: transactions.claim(connection, entry))

    async def reassign_order(self, account: str, order_id: str, workflow_id: str) -> None:
        """Assign an Orchestra order to a workflow, even if the index names another one.

        For the follow-up of an order whose workflow has closed; all other callers use `index_order`.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        entry = OrderEntry(account=account, order_id=order_id, workflow_id=workflow_id).model_dump()
        await self._database.execute(
            statements.upsert_entry(self._database.dialect, order_index, overwrite=True), entry
        )

    async def find_workflow(
        self,
        account: str,
        *,
        order_id: str | None = None,
        quote_id: str | None = None,
        deposit_address: str | None = None,
        source_chain: str | None = None,
    ) -> str | None:
        """Return the workflow id of an order id, or else of a quote id, or else of a deposit address, or None.

        Args:
            account: The partner account.
            order_id: Orchestra's order id.
            quote_id: A quote's id.
            deposit_address: An address in any spelling; of several quotes with this address the newest counts.
            source_chain: The chain of that address; None means any, and EVM chains share their addresses.

        Raises:
            LedgerUnavailable: The ledger did not answer; whether there is a workflow is unknown.
        """
        keys = ((order_index, order_id), (quote_index, quote_id))
        queries: list[Query] = [
            (statements.holder(table), {"account": account, "key": key}) for table, key in keys if key is not None
        ]
        if deposit_address is not None:
            queries.append(statements.address_holder(account, deposit_address, source_chain))
        rows = await self._database.read(*queries)
        return rows[0]["workflow_id"] if rows else None

    async def quotes_of(self, workflow_id: str) -> list[QuoteEntry]:
        """Return the quotes that a workflow requested, oldest first.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(statements.quotes_of(workflow_id))
        return [QuoteEntry.model_validate(dict(row)) for row in rows]

    async def write_order(
        self,
        row: OrderRow,
        timeline: Sequence[TransitionRow],
        index: Sequence[transactions.IndexEntry] = (),
        fees: Sequence[FeePayoutRow] = (),
        events: Sequence[EventRow] = (),
        keys: Sequence[OrderKeyRow] = (),
    ) -> bool:
        """Write an order and its workflow's timeline, replacing an older revision; late transitions stay.

        Args:
            row: The order.
            timeline: The statuses that its workflow recorded.
            index: The order's entries of the index: those that are missing are added, none is changed.
            fees: The app fees that the order paid.
            events: The order's events: those that are missing are added.
            keys: What else the order is found by.

        Returns:
            Whether they were written; False if the ledger has a newer revision.

        Raises:
            ValueError: A transition belongs to another workflow, or is a late one, which `record_late` writes.
            LedgerUnavailable: It could not be written.
        """
        if any(step.workflow_id != row.workflow_id or step.source == LATE for step in timeline):
            raise ValueError(f"the transitions written with {row.workflow_id} must be its own, and none of them late")
        return await self._database.write(
            lambda connection: transactions.put_order(connection, row, timeline, index, fees, events, keys)
        )

    async def order(self, workflow_id: str) -> OrderRow | None:
        """Return an order as last written, or None.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(statements.order_of(workflow_id))
        return OrderRow.model_validate(dict(rows[0])) if rows else None

    async def orders(
        self,
        account: str | None = None,
        phase: str | None = None,
        outcome: str | None = None,
        attention: bool | None = None,
        limit: int = 50,
        before: str | None = None,
        sources: Sequence[str] = (),
    ) -> list[OrderRow]:
        """Return orders, newest first.

        Args:
            account: Only those of this partner account.
            phase: Only those in this phase.
            outcome: Only those with this outcome.
            attention: Only those that need a person (True), or only the others (False).
            limit: How many; at most 500.
            before: Workflow id of the last order of the previous page; an unknown id gives an empty page.
            sources: Only those that came of one of these, such as `address/REF`; none means any.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        page = statements.order_page(
            account=account,
            phase=phase,
            outcome=outcome,
            attention=attention,
            limit=limit,
            before=before,
            sources=sources,
        )
        return [OrderRow.model_validate(dict(row)) for row in await self._database.read(page)]

    async def transitions(self, workflow_id: str) -> list[TransitionRow]:
        """Return the timeline of an order sorted by time, with late statuses that are news.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(statements.transitions_of(workflow_id))
        return in_order(TransitionRow.model_validate(dict(row)) for row in rows)
