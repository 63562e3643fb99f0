"""What a planned read asks Orchestra about addresses and links, page by page, and which orders are known already."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select

from baton.ledger.database import Database
from baton.ledger.rows import SourceRow
from baton.ledger.schema import order_index, orders, quote_index
from baton.ledger.source_schema import sources
from baton.ledger.statements import page_size

_MANY = 500
"""Values of one `IN`; SQLite refuses very many."""


class SourceLists:
    """The addresses and links whose orders Orchestra lists; available as `Ledger.sources.lists`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recipients(self, account: str, disabled_since: datetime, after: str, limit: int) -> list[str]:
        """Return the recipients of addresses and links, each once, in their order.

        Args:
            account: The partner account.
            disabled_since: Sources that were disabled before this time are left out.
            after: The last recipient of the previous page; empty for the first page.
            limit: How many; at most 500.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        listed = and_(_read_since(account, disabled_since), sources.c.recipient > after)
        page = select(sources.c.recipient).where(listed).distinct()
        rows = await self._database.read(page.order_by(sources.c.recipient).limit(page_size(limit)))
        return [row["recipient"] for row in rows]

    async def standing(self, account: str, disabled_since: datetime, after: str, limit: int) -> list[SourceRow]:
        """Return standing addresses, in the order of their references; `after` is the last one of the previous page.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        listed = and_(_read_since(account, disabled_since), sources.c.recipient.is_(None), sources.c.reference > after)
        page = select(sources).where(listed).order_by(sources.c.reference).limit(page_size(limit))
        return [SourceRow.model_validate(dict(row)) for row in await self._database.read(page)]

    async def pay_links_to(self, account: str, recipient: str) -> list[SourceRow]:
        """Return the pay links of a recipient, newest first; at most 500.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        found = (sources.c.account == account, sources.c.kind == "paylink", sources.c.recipient == recipient)
        page = select(sources).where(*found).order_by(sources.c.created_at.desc()).limit(page_size(_MANY))
        return [SourceRow.model_validate(dict(row)) for row in await self._database.read(page)]

    async def known_orders(self, account: str, order_ids: Sequence[str]) -> set[str]:
        """Return those of Orchestra's orders that have a workflow which has written its row.

        An entry of the index alone is not enough: it is written before the workflow starts.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        index = order_index.c
        found = select(index.order_id.label("known")).join(orders, orders.c.workflow_id == index.workflow_id)
        return await self._known(found.where(index.account == account), index.order_id, order_ids)

    async def known_quotes(self, account: str, quote_ids: Sequence[str]) -> set[str]:
        """Return those quotes that a workflow requested.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        index = quote_index.c
        found = select(index.quote_id.label("known")).where(index.account == account)
        return await self._known(found, index.quote_id, quote_ids)

    async def _known(self, found: Select[Any], column: Any, wanted: Sequence[str]) -> set[str]:
        known: set[str] = set()
        for start in range(0, len(wanted), _MANY):
            rows = await self._database.read(found.where(column.in_(wanted[start : start + _MANY])))
            known |= {row["known"] for row in rows}
        return known


def _read_since(account: str, disabled_since: datetime) -> Any:
    lately = or_(sources.c.disabled_at.is_(None), sources.c.disabled_at >= disabled_since)
    return and_(sources.c.account == account, sources.c.orchestra_id.is_not(None), lately)
