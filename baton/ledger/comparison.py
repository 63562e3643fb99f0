"""What the sweep compares with Temporal: the state of each row in short, and quotes of open orders without a watch."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from baton.ledger.database import Database
from baton.ledger.rows import RowState, WatchRow
from baton.ledger.schema import orders, quote_index
from baton.ledger.watch_schema import watches

_STATE = tuple(orders.c[name] for name in RowState.model_fields)
_CLOSED = "closed"


class Comparison:
    """Reads rows for the sweep; available as `Ledger.comparison`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def states(self, workflow_ids: Collection[str]) -> dict[str, RowState]:
        """Return the states of these orders' rows by workflow id; an order without a row is not among them.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        return await self._read(select(*_STATE).where(orders.c.workflow_id.in_(workflow_ids)))

    async def open_states(self, after: str, limit: int) -> dict[str, RowState]:
        """Return the states of the next rows of open orders, by workflow id.

        Args:
            after: The last workflow id of the previous page; empty for the first page.
            limit: How many at most.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        page = select(*_STATE).where(orders.c.phase != _CLOSED, orders.c.workflow_id > after)
        return await self._read(page.order_by(orders.c.workflow_id).limit(limit))

    async def unwatched(self, chains: Collection[str], since: datetime) -> list[WatchRow]:
        """Return the watches that are missing: of quotes of open orders on these chains, requested since a time.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(_unwatched(chains, since))
        return [WatchRow.model_validate(dict(row)) for row in rows]

    async def _read(self, query: Select[Any]) -> dict[str, RowState]:
        rows = await self._database.read(query)
        return {row["workflow_id"]: RowState.model_validate(dict(row)) for row in rows}


def _unwatched(chains: Collection[str], since: datetime) -> Select[Any]:
    quote, watch = quote_index.c, watches.c
    of_quote = (watch.account == quote.account) & (watch.quote_id == quote.quote_id)
    columns = {
        "account": quote.account,
        "quote_id": quote.quote_id,
        "workflow_id": quote.workflow_id,
        "chain": quote.source_chain,
        "address": quote.deposit_address,
        "since": quote.created_at,
    }
    query = select(*(column.label(name) for name, column in columns.items())).select_from(
        quote_index.join(orders, orders.c.workflow_id == quote.workflow_id).outerjoin(watches, of_quote)
    )
    wanted = (quote.source_chain.in_(chains), quote.deposit_address.is_not(None), quote.created_at >= since)
    return query.where(orders.c.phase != _CLOSED, watch.quote_id.is_(None), *wanted)
