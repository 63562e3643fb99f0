"""Acts in bulk: what was requested, and a row for each order with what became of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from baton.ledger.act_rows import ActRow
from baton.ledger.bulk_rows import ENDED, BulkOrderRow, BulkRow, BulkState
from baton.ledger.database import Database
from baton.ledger.operation_schema import acts, bulk_orders, bulks
from baton.ledger.statements import insert_once, page_size, upsert

_ORDER = bulk_orders.c


class BulkTables:
    """Acts in bulk; available as `Ledger.bulks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, row: BulkRow, orders: Sequence[BulkOrderRow]) -> None:
        """Write a bulk with its orders; one that exists stays as it is.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def put(connection: Connection) -> None:
            created = connection.execute(insert_once(connection.dialect.name, bulks), row.model_dump()).rowcount
            if created and orders:
                connection.execute(insert(bulk_orders), [order.model_dump(mode="python") for order in orders])

        await self._database.write(put)

    async def bulk(self, bulk_id: str) -> BulkRow | None:
        """Return a bulk, or None.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(bulks).where(bulks.c.id == bulk_id))
        return BulkRow.model_validate(dict(rows[0])) if rows else None

    async def newest(self, limit: int) -> list[BulkRow]:
        """Return the newest bulks.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        page = select(bulks).order_by(bulks.c.created_at.desc(), bulks.c.id.desc()).limit(page_size(limit))
        return [BulkRow.model_validate(dict(row)) for row in await self._database.read(page)]

    async def counts(self, bulk_id: str) -> dict[BulkState, int]:
        """Return how many orders of a bulk are in each state.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        count = func.count().label("orders")
        query = select(_ORDER.state, count).where(_ORDER.bulk == bulk_id).group_by(_ORDER.state)
        return {BulkState(row["state"]): row["orders"] for row in await self._database.read(query)}

    async def results(
        self, bulk_id: str, *, states: Collection[BulkState] = (), after: int = -1, limit: int = 500
    ) -> list[BulkOrderRow]:
        """Return orders of a bulk, in the order in which it goes through them.

        Args:
            bulk_id: The bulk.
            states: Only those in one of these states; none means any.
            after: The position of the last order before.
            limit: How many; at most 500.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        page = select(bulk_orders).where(_ORDER.bulk == bulk_id, _ORDER.position > after)
        if states:
            page = page.where(_ORDER.state.in_(list(states)))
        return await self._read(page.order_by(_ORDER.position).limit(page_size(limit)))

    async def begin(self, bulk_id: str, limit: int) -> list[BulkOrderRow]:
        """Return the next orders as they stood, and note that their turn has come; none if the bulk was stopped.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def take(connection: Connection) -> list[dict[str, Any]]:
            stopped = select(bulks.c.stopped_at).where(bulks.c.id == bulk_id)
            if connection.scalar(stopped) is not None:
                return []
            left = _ORDER.state.not_in(ENDED)
            page = select(bulk_orders).where(_ORDER.bulk == bulk_id, left).order_by(_ORDER.position).limit(limit)
            rows = [dict(row) for row in connection.execute(page).mappings()]
            positions = [row["position"] for row in rows]
            taken = update(bulk_orders).where(_ORDER.bulk == bulk_id, _ORDER.position.in_(positions))
            connection.execute(taken.values(state=BulkState.BEGUN))
            return rows

        return [BulkOrderRow.model_validate(row) for row in await self._database.write(take)]

    async def set_stopped(self, bulk_id: str, at: datetime | None) -> None:
        """Stop a bulk, or let it continue.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self._database.execute(update(bulks).where(bulks.c.id == bulk_id).values(stopped_at=at))

    async def finish(self, row: BulkOrderRow, act: ActRow) -> None:
        """Write what became of one order, and the record of the act; a repeat replaces both.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        values = row.model_dump(include={"state", "code", "message", "at"})

        def put(connection: Connection) -> None:
            own = (_ORDER.bulk == row.bulk, _ORDER.position == row.position)
            connection.execute(update(bulk_orders).where(*own).values(**values))
            connection.execute(upsert(connection.dialect.name, acts), act.model_dump())

        await self._database.write(put)

    async def repeat(self, bulk_id: str, states: Collection[BulkState]) -> int:
        """Have those orders of a bulk done again that are in one of these states; return how many.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        own = (_ORDER.bulk == bulk_id, _ORDER.state.in_(list(states)))
        return await self._database.execute(update(bulk_orders).where(*own).values(state=BulkState.BEGUN))

    async def _read(self, query: Select[Any]) -> list[BulkOrderRow]:
        return [BulkOrderRow.model_validate(dict(row)) for row in await self._database.read(query)]
