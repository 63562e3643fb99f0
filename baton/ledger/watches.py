"""Watched deposit addresses, the deposits seen there, and how far each chain was read."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from baton.ledger.database import Database
from baton.ledger.rows import DepositRow, WatchRow
from baton.ledger.schema import cursors, deposits, orders, watches
from baton.ledger.statements import put_anyway, put_once


class WatchTables:
    """What the watchers of chains keep in a ledger; reached as `Ledger.watching`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def watch(self, row: WatchRow) -> None:
        """Have an address watched; asking again changes nothing.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        async def put(connection: AsyncConnection) -> None:
            await connection.execute(put_once(self._database.dialect, watches, row.model_dump()))

        await self._database.write(put)

    async def reassign(self, workflow_id: str, successor: str) -> None:
        """Make what is watched for one workflow lead to another one.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        led = update(watches).where(watches.c.workflow_id == workflow_id).values(workflow_id=successor)

        async def put(connection: AsyncConnection) -> None:
            await connection.execute(led)

        await self._database.write(put)

    async def watches(self, chain: str) -> list[WatchRow]:
        """Return what is watched on a chain, the oldest first.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        query = select(watches).where(watches.c.chain == chain).order_by(watches.c.since, watches.c.quote_id)
        return [WatchRow.model_validate(dict(row)) for row in await self._database.read(query)]

    async def forget(self, chain: str, *, closed_before: datetime, made_before: datetime) -> int:
        """Stop watching for orders that closed before a time, and for quotes made before another.

        Returns:
            How many addresses are watched no more.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        closed = select(orders.c.workflow_id).where(
            and_(orders.c.workflow_id == watches.c.workflow_id, orders.c.closed_at < closed_before)
        )
        old = or_(closed.exists(), watches.c.since < made_before)

        async def drop(connection: AsyncConnection) -> int:
            done = await connection.execute(delete(watches).where(watches.c.chain == chain, old))
            return int(done.rowcount)

        return await self._database.write(drop)

    async def cursor(self, chain: str) -> str | None:
        """Return how far a chain was read, in its reader's own text; None before the first time.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(cursors.c.cursor).where(cursors.c.chain == chain))
        return rows[0]["cursor"] if rows else None

    async def record(self, chain: str, seen: Sequence[DepositRow], cursor: str, at: datetime) -> None:
        """Write down what a scan brought, and how far it came, as one.

        A deposit keeps the moment it was first seen.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        reached = {"chain": chain, "cursor": cursor, "updated_at": at}

        async def put(connection: AsyncConnection) -> None:
            for row in seen:
                values = row.model_dump()
                await connection.execute(put_anyway(self._database.dialect, deposits, values, keep="first_seen_at"))
            await connection.execute(put_anyway(self._database.dialect, cursors, reached))

        await self._database.write(put)

    async def known(self, chain: str, tx_ids: Collection[str], settled: Collection[str]) -> list[DepositRow]:
        """Return the deposits of these transactions, and every one whose state can still change.

        Args:
            chain: The chain.
            tx_ids: Transactions of interest.
            settled: States that never change.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        open_or_told = or_(deposits.c.state.not_in(settled), deposits.c.tx_id.in_(tx_ids))
        return await self._deposits(deposits.c.chain == chain, open_or_told)

    async def deposits_to(self, chain: str, address: str) -> list[DepositRow]:
        """Return every deposit that an address got, the first seen first.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        return await self._deposits(deposits.c.chain == chain, deposits.c.address == address)

    async def _deposits(self, *wanted: Any) -> list[DepositRow]:
        query: Select[Any] = select(deposits).where(*wanted)
        rows = await self._database.read(query.order_by(deposits.c.first_seen_at, deposits.c.tx_id))
        return [DepositRow.model_validate(dict(row)) for row in rows]
