"""Reads the orders of a period, oldest first, page by page: for book-keeping and for reconciliation."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import and_, or_, select

from baton.ledger.database import Database
from baton.ledger.rows import OrderRow
from baton.ledger.schema import orders

PAGE = 200
"""Rows that are read at a time."""


class OrderPeriods:
    """Reads the orders of a period; available as `Ledger.periods`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def orders(self, since: datetime, until: datetime, account: str | None = None) -> AsyncIterator[OrderRow]:
        """Yield the orders that were placed in a period, oldest first.

        Args:
            since: The beginning of the period, with a time zone; it belongs to the period.
            until: Its end; it does not belong to it.
            account: Only those of this partner account.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        last: OrderRow | None = None
        while rows := await self._page(since, until, account, last):
            for row in rows:
                yield row
            last = rows[-1]

    async def _page(
        self, since: datetime, until: datetime, account: str | None, last: OrderRow | None
    ) -> list[OrderRow]:
        conditions = [orders.c.created_at >= since, orders.c.created_at < until]
        if account is not None:
            conditions.append(orders.c.account == account)
        if last is not None:
            same_time = and_(orders.c.created_at == last.created_at, orders.c.workflow_id > last.workflow_id)
            conditions.append(or_(orders.c.created_at > last.created_at, same_time))
        query = select(orders).where(*conditions).order_by(orders.c.created_at, orders.c.workflow_id).limit(PAGE)
        return [OrderRow.model_validate(dict(row)) for row in await self._database.read(query)]
