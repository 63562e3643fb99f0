"""Writes an order's rows again from what Temporal has of it, and the turn of the one process that does so.

Nothing newer is replaced: index entries, watches, credits, payments and fees are only added, and an order's row only
gives way to a later state of the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, delete, select

from baton.ledger.completeness import REBUILD_POSITION, set_complete
from baton.ledger.database import Database
from baton.ledger.payment_schema import credits, fee_payouts, payments
from baton.ledger.rows import (
    CreditRow,
    EventRow,
    FeePayoutRow,
    OrderKeyRow,
    OrderRow,
    PaymentRow,
    Row,
    TransitionRow,
    WatchRow,
)
from baton.ledger.schema import properties
from baton.ledger.statements import insert_once, serialize, upsert
from baton.ledger.transactions import IndexEntry, add_entries, put_order
from baton.ledger.watch_schema import watches

_TURN = "rebuild_turn"


@dataclass(frozen=True, slots=True)
class RestoredOrder:
    """All rows of one order."""

    order: OrderRow
    timeline: Sequence[TransitionRow] = ()
    index: Sequence[IndexEntry] = ()
    watches: Sequence[WatchRow] = ()
    credits: Sequence[CreditRow] = ()
    payments: Sequence[PaymentRow] = ()
    fees: Sequence[FeePayoutRow] = ()
    events: Sequence[EventRow] = ()
    keys: Sequence[OrderKeyRow] = ()


class Restoration:
    """Restores the rows of a ledger; available as `Ledger.restoration`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def restore(self, restored: RestoredOrder) -> bool:
        """Write all rows of an order in one transaction; a repeat changes nothing.

        Returns:
            Whether the order's row was written; False if the ledger has a newer one.

        Raises:
            LedgerUnavailable: They could not be written.
            LedgerRefused: The database refuses a row.
        """

        def put(connection: Connection) -> bool:
            add_entries(connection, restored.index)
            _add_missing(connection, watches, restored.watches)
            _add_missing(connection, credits, restored.credits)
            _add_missing(connection, payments, restored.payments)
            _add_missing(connection, fee_payouts, restored.fees)
            rows = (restored.fees, restored.events, restored.keys)
            return put_order(connection, restored.order, restored.timeline, (), *rows)

        return await self._database.write(put)

    async def add_watches(self, rows: Sequence[WatchRow]) -> None:
        """Add watched addresses that are missing.

        Raises:
            LedgerUnavailable: They could not be written.
        """
        await self._database.write(lambda connection: _add_missing(connection, watches, rows))

    async def take_turn(self, name: str, now: datetime, until: datetime) -> bool:
        """Reserve the rebuild for one process until a time; return False while another one has it.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> bool:
            serialize(connection, _TURN)
            holder, ends = _turn(connection)
            if holder not in (None, name) and ends > now:
                return False
            _write(connection, _TURN, f"{name} {until.isoformat()}")
            return True

        return await self._database.write(put)

    async def keep_turn(self, name: str, until: datetime) -> bool:
        """Reserve the rebuild for longer; return False if the ledger was replaced, or another process took over.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> bool:
            serialize(connection, _TURN)
            if _turn(connection)[0] != name:
                return False
            _write(connection, _TURN, f"{name} {until.isoformat()}")
            return True

        return await self._database.write(put)

    async def end_turn(self, name: str, now: datetime, *, complete: bool) -> bool:
        """End a process's turn, and mark the ledger as complete if its rebuild is.

        Returns:
            Whether the process still had the turn; False if the ledger was replaced meanwhile, or another process took
            over. Then nothing is marked.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> bool:
            serialize(connection, _TURN)
            if _turn(connection)[0] != name:
                return False
            ended = [_TURN, REBUILD_POSITION] if complete else [_TURN]
            connection.execute(delete(properties).where(properties.c.name.in_(ended)))
            if complete:
                connection.execute(set_complete(now))
            return True

        return await self._database.write(put)

    async def take_comparison(self, name: str, now: datetime, due: datetime) -> datetime | None:
        """Reserve the next comparison with Temporal for this process; return when the last one began, or None.

        A ledger that was never compared counts as compared now: its rows come from the orders themselves.

        Args:
            name: The kind of comparison; each has its own interval.
            now: The present.
            due: A comparison is due if the last one began before this time; otherwise None is returned.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> datetime | None:
            serialize(connection, name)
            value = connection.scalar(select(properties.c.value).where(properties.c.name == name))
            began = datetime.fromisoformat(value) if value else None
            if began is not None and began > due:
                return None
            _write(connection, name, now.isoformat())
            return began

        return await self._database.write(put)

    async def position(self) -> datetime | None:
        """Return the time down to which an interrupted rebuild restored closed orders; None if there is none.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(properties.c.value).where(properties.c.name == REBUILD_POSITION))
        return datetime.fromisoformat(rows[0]["value"]) if rows else None

    async def set_position(self, at: datetime) -> None:
        """Note the closing time of the last closed order that was restored.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        values = {"name": REBUILD_POSITION, "value": at.isoformat()}
        await self._database.execute(upsert(self._database.dialect, properties), values)


def _add_missing(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    columns = set(table.columns.keys())
    for row in rows:
        values = row.model_dump(include=columns)
        connection.execute(insert_once(connection.dialect.name, table), values)


def _turn(connection: Connection) -> tuple[str | None, datetime]:
    """Return which process has the turn, and until when; None if none has it."""
    value: str | None = connection.scalar(select(properties.c.value).where(properties.c.name == _TURN))
    if value is None:
        return None, datetime.min.replace(tzinfo=UTC)
    name, _, ends = value.partition(" ")
    return name, datetime.fromisoformat(ends)


def _write(connection: Connection, name: str, value: str) -> None:
    connection.execute(upsert(connection.dialect.name, properties), {"name": name, "value": value})
