"""Watched deposit addresses, the deposits seen there, and the cursor of each chain."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, delete, func, or_, select, update

from baton.ledger.database import Database
from baton.ledger.rows import DepositRow, WatchRow
from baton.ledger.schema import orders
from baton.ledger.source_schema import source_addresses
from baton.ledger.statements import insert_or_assign, upsert
from baton.ledger.watch_schema import cursors, deposits, watches


class WatchTables:
    """The tables of the chain watchers in a ledger; available as `Ledger.watching`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def watch(self, row: WatchRow) -> None:
        """Add a watched address, or take it over: it belongs to the workflow that requested its quote last.

        A workflow that was reset requests the same quote again, whose watch a follow-up order may have by then.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        values = row.model_dump(exclude={"asset"})
        await self._database.execute(insert_or_assign(self._database.dialect, watches), values)

    async def reassign(self, workflow_id: str, successor: str) -> None:
        """Assign all watches of one workflow to another.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        of_workflow = update(watches).where(watches.c.workflow_id == workflow_id)
        await self._database.execute(of_workflow.values(workflow_id=successor))

    async def watches(self, chain: str) -> list[WatchRow]:
        """Return the watches of a chain, oldest first.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        of_order = watches.outerjoin(orders, orders.c.workflow_id == watches.c.workflow_id)
        query = select(watches, orders.c.source_asset.label("asset")).select_from(of_order)
        query = query.where(watches.c.chain == chain).order_by(watches.c.since, watches.c.quote_id)
        return [WatchRow.model_validate(dict(row)) for row in await self._database.read(query)]

    async def forget(self, chain: str, *, closed_before: datetime, made_before: datetime) -> int:
        """Remove the watches of orders that closed before a time, and of quotes made before another.

        Returns:
            How many watches were removed.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        closed_order = select(orders.c.workflow_id).where(
            and_(orders.c.workflow_id == watches.c.workflow_id, orders.c.closed_at < closed_before)
        )
        old = or_(closed_order.exists(), watches.c.since < made_before)

        return await self._database.execute(delete(watches).where(watches.c.chain == chain, old))

    async def cursor(self, chain: str) -> str | None:
        """Return the cursor of a chain, in its reader's own format; None before the first scan.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(cursors.c.cursor).where(cursors.c.chain == chain))
        return rows[0]["cursor"] if rows else None

    async def scanned_at(self) -> dict[str, datetime]:
        """Return when each chain was last scanned, by chain.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(cursors.c.chain, cursors.c.updated_at))
        return {row["chain"]: row["updated_at"] for row in rows}

    async def addresses(self) -> dict[str, int]:
        """Return how many addresses are watched on each chain that was ever watched: of quotes and reusable ones.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        found = dict.fromkeys(await self.scanned_at(), 0)
        for table in (watches, source_addresses):
            rows = await self._database.read(
                select(table.c.chain, func.count().label("number")).group_by(table.c.chain)
            )
            found |= {row["chain"]: found.get(row["chain"], 0) + row["number"] for row in rows}
        return dict(sorted(found.items()))

    async def record(self, chain: str, scanned: Sequence[DepositRow], cursor: str, at: datetime) -> None:
        """Write the deposits and the cursor of a scan in one transaction.

        A deposit keeps the time when it was first seen.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        new_cursor = {"chain": chain, "cursor": cursor, "updated_at": at}

        def put(connection: Connection) -> None:
            for row in scanned:
                values = row.model_dump()
                connection.execute(upsert(self._database.dialect, deposits, keep="first_seen_at"), values)
            connection.execute(upsert(self._database.dialect, cursors), new_cursor)

        await self._database.write(put)

    async def known(self, chain: str, tx_ids: Collection[str], settled: Collection[str]) -> list[DepositRow]:
        """Return the deposits of these transactions, and all whose state can still change.

        Args:
            chain: The chain.
            tx_ids: The transactions.
            settled: The states that never change.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        open_or_listed = or_(deposits.c.state.not_in(settled), deposits.c.tx_id.in_(tx_ids))
        return await self._deposits(deposits.c.chain == chain, open_or_listed)

    async def of_transactions(self, chain: str, tx_ids: Collection[str]) -> list[DepositRow]:
        """Return the deposits of these transactions.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        return await self._deposits(deposits.c.chain == chain, deposits.c.tx_id.in_(tx_ids))

    async def of_assets(self, chain: str, assets: Collection[str]) -> list[DepositRow]:
        """Return every deposit of these assets.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        return await self._deposits(deposits.c.chain == chain, deposits.c.asset.in_(assets))

    async def foreign_counts(self, chain: str, addresses: Collection[str], assets: Collection[str]) -> dict[str, int]:
        """Return for each address how many deposits of other assets than these it has.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        foreign = and_(deposits.c.address.in_(addresses), deposits.c.asset.not_in(assets))
        query = select(deposits.c.address, func.count().label("count")).where(deposits.c.chain == chain, foreign)
        rows = await self._database.read(query.group_by(deposits.c.address))
        return {row["address"]: row["count"] for row in rows}

    async def _numbers(self, table: Table) -> dict[str, int]:
        query = select(table.c.chain, func.count().label("number")).group_by(table.c.chain)
        return {row["chain"]: row["number"] for row in await self._database.read(query)}

    async def _deposits(self, *conditions: Any) -> list[DepositRow]:
        query: Select[Any] = select(deposits).where(*conditions)
        rows = await self._database.read(query.order_by(deposits.c.first_seen_at, deposits.c.tx_id))
        return [DepositRow.model_validate(dict(row)) for row in rows]
