"""The ledger: finds the workflow of a quote or an order, and returns orders, transitions and deliveries.

Every operation ends within the ledger's timeout, and raises `LedgerUnavailable` if it could not be done. Every write is
idempotent, except that each recorded delivery adds a row.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Table, insert

from baton.encoding.addresses import address_key
from baton.ledger import statements
from baton.ledger.completeness import complete_since, set_complete
from baton.ledger.database import Database
from baton.ledger.errors import LedgerConflict
from baton.ledger.payers import Payers
from baton.ledger.rows import LATE, CreditRow, DeliveryRow, OrderEntry, OrderRow, QuoteEntry, TransitionRow
from baton.ledger.schema import credits, deliveries, order_index, quote_index, transitions
from baton.ledger.timeline import in_order, is_news
from baton.ledger.watches import WatchTables

TIMEOUT = 5.0
"""Seconds that one operation may take by default."""


class Ledger:
    """An open ledger, from `Ledger.open`; closed by `close` or at the end of its `async with` block.

    Attributes:
        watching: The watched addresses and the deposits seen there.
        payers: The payments that payers of onramps were asked for.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.watching = WatchTables(database)
        self.payers = Payers(database)

    @classmethod
    async def open(cls, url: str, *, timeout: float = TIMEOUT) -> Self:  # noqa: ASYNC109 - it limits every operation
        """Open a ledger; create its schema if there is none.

        Args:
            url: `sqlite:///path` or `postgresql://user:password@host:port/database`.
            timeout: Seconds that this and every later operation may take.

        Raises:
            LedgerUrlError: The URL cannot be used.
            LedgerUnavailable: The database cannot be reached, or the file cannot be opened.
            LedgerTooNew: The ledger belongs to a newer Baton.
        """
        database = Database(url, timeout)
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
        await self._index(quote_index, "quote", entry.quote_id, _index_values(entry))

    async def index_order(self, account: str, order_id: str, workflow_id: str) -> None:
        """Write the workflow of an Orchestra order into the index.

        Raises:
            LedgerConflict: The order belongs to another workflow; the entry stays as it was.
            LedgerUnavailable: It could not be written.
        """
        entry = OrderEntry(account=account, order_id=order_id, workflow_id=workflow_id)
        await self._index(order_index, "order", order_id, entry.model_dump())

    async def reassign_order(self, account: str, order_id: str, workflow_id: str) -> None:
        """Assign an Orchestra order to a workflow, even if the index names another one.

        For the follow-up of an order whose workflow has closed; all other callers use `index_order`.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        entry = OrderEntry(account=account, order_id=order_id, workflow_id=workflow_id).model_dump()
        await self._database.execute(
            statements.upsert_entry(self._database.dialect, order_index, entry, overwrite=True)
        )

    async def _index(self, table: Table, kind: str, key: str, entry: dict[str, Any]) -> None:
        account, claimant = entry["account"], entry["workflow_id"]

        def put(connection: Connection) -> None:
            result = connection.execute(statements.upsert_entry(self._database.dialect, table, entry))
            if result.rowcount == 0:
                holder = connection.scalar(statements.holder(table, account, key))
                raise LedgerConflict(kind, key, account=account, holder=str(holder), claimant=claimant)

        await self._database.write(put)

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
        queries = [statements.holder(table, account, key) for table, key in keys if key is not None]
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
        self, row: OrderRow, timeline: Sequence[TransitionRow], index: Sequence[QuoteEntry | OrderEntry] = ()
    ) -> bool:
        """Write an order and its workflow's timeline, replacing an older revision; late transitions stay.

        Args:
            row: The order.
            timeline: The statuses that its workflow recorded.
            index: The order's entries of the index: those that are missing are added, none is changed.

        Returns:
            Whether they were written; False if the ledger has a newer revision.

        Raises:
            ValueError: A transition belongs to another workflow, or is a late one, which `record_late` writes.
            LedgerUnavailable: It could not be written.
        """
        if any(step.workflow_id != row.workflow_id or step.source == LATE for step in timeline):
            raise ValueError(f"the transitions written with {row.workflow_id} must be its own, and none of them late")

        def put(connection: Connection) -> bool:
            result = connection.execute(statements.upsert_order(self._database.dialect), row.model_dump())
            if result.rowcount == 0:
                return False
            connection.execute(statements.delete_recorded_transitions(row.workflow_id, row.created_at))
            if timeline:
                connection.execute(insert(transitions), [step.model_dump() for step in timeline])
            _add_missing_entries(connection, self._database.dialect, index)
            return True

        return await self._database.write(put)

    async def record_credit(self, row: CreditRow) -> None:
        """Record an accepted ZeroConf offer; a repeat changes nothing.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self._database.execute(statements.insert_once(self._database.dialect, credits, row.model_dump()))

    async def credited(self, account: str, since: datetime) -> int:
        """Return the sats that an account has credited before confirmation since a time.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(statements.credited(account, since))
        return int(rows[0]["sats"])

    async def record_delivery(self, row: DeliveryRow) -> None:
        """Record a webhook delivery. Each call adds a row.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self._database.execute(insert(deliveries).values(row.model_dump(exclude={"id"})))

    async def record_late(self, row: DeliveryRow, at: datetime | None = None) -> bool:
        """Record a webhook that came after its workflow had closed, and its status if that is news.

        Args:
            row: The delivery, with its workflow. It is written as `late`.
            at: When the order reached that status (its `updatedAt`); else the event's own time, else its arrival.

        Returns:
            Whether the status changed the order's timeline.

        Raises:
            ValueError: The delivery names no workflow.
            LedgerUnavailable: It could not be written.
        """
        late = _late_transition(row, at)
        delivery = row.model_copy(update={"disposition": "late"}).model_dump(exclude={"id"})

        def put(connection: Connection) -> bool:
            connection.execute(insert(deliveries).values(delivery))
            return late is not None and _add_news(connection, late)

        return await self._database.write(put)

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
    ) -> list[OrderRow]:
        """Return orders, newest first.

        Args:
            account: Only those of this partner account.
            phase: Only those in this phase.
            outcome: Only those with this outcome.
            attention: Only those that need a person (True), or only the others (False).
            limit: How many; at most 500.
            before: Workflow id of the last order of the previous page; an unknown id gives an empty page.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        page = statements.order_page(
            account=account, phase=phase, outcome=outcome, attention=attention, limit=limit, before=before
        )
        return [OrderRow.model_validate(dict(row)) for row in await self._database.read(page)]

    async def transitions(self, workflow_id: str) -> list[TransitionRow]:
        """Return the timeline of an order sorted by time, with late statuses that are news.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(statements.transitions_of(workflow_id))
        return in_order(_transition(row) for row in rows)

    async def deliveries(self, workflow_id: str | None = None, limit: int = 50) -> list[DeliveryRow]:
        """Return webhook deliveries, the last recorded first; at most 500.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(statements.delivery_page(workflow_id=workflow_id, limit=limit))
        return [DeliveryRow.model_validate(dict(row)) for row in rows]


def _index_values(entry: QuoteEntry) -> dict[str, Any]:
    address = entry.deposit_address
    return {**entry.model_dump(), "address_key": address_key(address) if address else None}


def _add_missing_entries(connection: Connection, dialect: str, index: Sequence[QuoteEntry | OrderEntry]) -> None:
    for entry in index:
        if isinstance(entry, QuoteEntry):
            connection.execute(statements.add_entry(dialect, quote_index), _index_values(entry))
        else:
            connection.execute(statements.add_entry(dialect, order_index), entry.model_dump())


def _transition(row: Any) -> TransitionRow:
    return TransitionRow.model_validate(dict(row))


def _late_transition(row: DeliveryRow, at: datetime | None) -> TransitionRow | None:
    if row.workflow_id is None:
        raise ValueError("a late delivery must name its workflow")
    if row.status is None:
        return None
    return TransitionRow(
        workflow_id=row.workflow_id,
        order_id=row.order_id,
        status=row.status,
        at=at or row.event_timestamp or row.received_at,
        source=LATE,
    )


def _add_news(connection: Connection, late: TransitionRow) -> bool:
    connection.execute(statements.order_lock(late.workflow_id))
    rows = connection.execute(statements.transitions_of(late.workflow_id))
    if not is_news(in_order(_transition(row) for row in rows.mappings()), late):
        return False
    connection.execute(insert(transitions).values(late.model_dump()))
    return True
