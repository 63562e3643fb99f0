"""The feed of events: what happened to orders, in the order in which it was committed.

An event is written in the transaction that writes its order's row. Its number `seq` is the feed's position: on SQLite
the write lock, on PostgreSQL a lock of its own makes sure that a reader who has seen a number never misses a lower one.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, exists, func, select

from baton.ledger.completeness import FEED_NAME
from baton.ledger.database import Database
from baton.ledger.feed_schema import events
from baton.ledger.prepared import run, run_all
from baton.ledger.rows import EventRow, columns_of
from baton.ledger.schema import orders, properties
from baton.ledger.statements import insert_once, page_size, serialize, upsert

KEPT = timedelta(days=30)
"""How long events are kept."""

_MARGIN = timedelta(days=1)
"""How much longer those of closed orders are kept, so that none is deleted that may still be written again."""

_PRUNED = "events_pruned"


def is_past(closed_at: datetime | None) -> bool:
    """Whether an order ended so long ago that its events are no longer kept."""
    return closed_at is not None and closed_at < datetime.now(UTC) - KEPT


def put_events(connection: Connection, workflow_id: str, rows: Sequence[EventRow]) -> None:
    """Add those events of an order that are missing, within a transaction."""
    if not rows:
        return
    known = {found[0] for found in run(connection, _known(), {"workflow": workflow_id})}
    if all(row.id in known for row in rows):
        return
    serialize(connection, events.name)
    now = datetime.now(UTC)
    values = [_values(row, now) for row in rows if row.id not in known]
    # Two processes may write the same order at once; the second has not seen the events of the first.
    run_all(connection, insert_once(connection.dialect.name, events), values)


def _values(row: EventRow, written_at: datetime) -> dict[str, Any]:
    values = columns_of(row)
    del values["seq"]
    values["written_at"] = written_at
    return values


@cache
def _known() -> Select[Any]:
    return select(events.c.id).where(events.c.workflow_id == bindparam("workflow"))


class EventTables:
    """The feed of a ledger; available as `Ledger.events`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def after(
        self,
        seq: int,
        limit: int = 100,
        *,
        accounts: Collection[str] | None = None,
        types: Collection[str] | None = None,
        workflow_id: str | None = None,
        until: int | None = None,
    ) -> list[EventRow]:
        """Return the events after a number, oldest first.

        Args:
            seq: Only those with a higher number.
            limit: How many; at most 500.
            accounts: Only those of these partner accounts; None means all.
            types: Only those of these types; None means all.
            workflow_id: Only those of this order.
            until: Only those up to this number.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        page = select(events).where(events.c.seq > seq)
        if accounts is not None:
            page = page.where(events.c.account.in_(accounts))
        if types is not None:
            page = page.where(events.c.type.in_(types))
        if workflow_id is not None:
            page = page.where(events.c.workflow_id == workflow_id)
        if until is not None:
            page = page.where(events.c.seq <= until)
        return _rows(await self._database.read(page.order_by(events.c.seq).limit(page_size(limit))))

    async def of_order(self, workflow_id: str) -> list[EventRow]:
        """Return the events of an order, oldest first.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        page = select(events).where(events.c.workflow_id == workflow_id).order_by(events.c.seq)
        return _rows(await self._database.read(page))

    async def event(self, event_id: str) -> EventRow | None:
        """Return one event, or None.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        found = _rows(await self._database.read(select(events).where(events.c.id == event_id)))
        return found[0] if found else None

    async def latest(self) -> int:
        """Return the number of the newest event; 0 if there is none.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        newest = (await self._database.read(select(func.max(events.c.seq).label("seq"))))[0]["seq"]
        return newest if newest is not None else await self.pruned_through()

    async def pruned_through(self) -> int:
        """Return the highest number that was deleted because of its age; 0 if none was.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(properties.c.value).where(properties.c.name == _PRUNED))
        return int(rows[0]["value"]) if rows else 0

    async def feed_id(self) -> str:
        """Return the name of this feed, which a ledger that was made again does not have.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(properties.c.value).where(properties.c.name == FEED_NAME))
        return rows[0]["value"] if rows else await self._database.write(_name_feed)

    async def prune(self, now: datetime) -> int:
        """Delete the events that are no longer kept; return how many.

        Those of open orders stay, because each later write of the order would bring them back.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        return await self._database.write(lambda connection: _prune(connection, now))


def _rows(found: Sequence[Any]) -> list[EventRow]:
    return [EventRow.model_validate(dict(row)) for row in found]


def _name_feed(connection: Connection) -> str:
    name = {"name": FEED_NAME, "value": uuid.uuid4().hex[:12]}
    connection.execute(insert_once(connection.dialect.name, properties), name)
    value = connection.scalar(select(properties.c.value).where(properties.c.name == FEED_NAME))
    return str(value)


def _prune(connection: Connection, now: datetime) -> int:
    kept_orders = exists().where(
        orders.c.workflow_id == events.c.workflow_id,
        orders.c.closed_at.is_(None) | (orders.c.closed_at >= now - KEPT - _MARGIN),
    )
    old = (events.c.written_at < now - KEPT) & ~kept_orders
    note_pruned(connection, old)
    return connection.execute(delete(events).where(old)).rowcount


def note_pruned(connection: Connection, which: ColumnElement[bool]) -> None:
    """Note in a transaction that events are about to be deleted, so that readers behind them hear of a gap."""
    highest = connection.scalar(select(func.max(events.c.seq)).where(which))
    if highest is None:
        return
    serialize(connection, _PRUNED)
    known = connection.scalar(select(properties.c.value).where(properties.c.name == _PRUNED))
    pruned = {"name": _PRUNED, "value": str(max(highest, int(known or 0)))}
    connection.execute(upsert(connection.dialect.name, properties), pruned)
