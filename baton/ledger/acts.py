"""The record of acts: who did what to which order, address, link, affiliate or endpoint, when, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_

from baton.ledger.act_rows import ActRow
from baton.ledger.database import Database
from baton.ledger.operation_schema import acts
from baton.ledger.statements import insert_once, page_size


@dataclass(frozen=True, slots=True)
class ActFilter:
    """Which acts a list shows; what is None does not matter.

    Attributes:
        accounts: Only those in these partner accounts.
        kind: Only those to this kind of thing, such as `order`.
        reference: Only those to what has this reference.
        by: Only those of this caller.
        bulk: Only those of this bulk.
        since: Only those at this time or later.
    """

    accounts: Sequence[str] | None = None
    kind: str | None = None
    reference: str | None = None
    by: str | None = None
    bulk: str | None = None
    since: datetime | None = None


class ActTables:
    """The record of acts; available as `Ledger.acts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, row: ActRow) -> None:
        """Write an act; a repeat changes nothing.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        await self._database.execute(insert_once(self._database.dialect, acts), row.model_dump())

    async def page(self, wanted: ActFilter, limit: int = 50, before: ActRow | None = None) -> list[ActRow]:
        """Return acts, the last one first.

        Args:
            wanted: Which acts.
            limit: How many; at most 500.
            before: The last act of the page before.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        page = select(acts).where(*_conditions(wanted))
        if before is not None:
            page = page.where(tuple_(acts.c.at, acts.c.id) < tuple_(before.at, before.id))
        newest_first = page.order_by(acts.c.at.desc(), acts.c.id.desc()).limit(page_size(limit))
        return [ActRow.model_validate(dict(row)) for row in await self._database.read(newest_first)]

    async def act(self, act_id: str) -> ActRow | None:
        """Return one act, or None.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        rows = await self._database.read(select(acts).where(acts.c.id == act_id))
        return ActRow.model_validate(dict(rows[0])) if rows else None


def _conditions(wanted: ActFilter) -> list[ColumnElement[bool]]:
    same: dict[str, Any] = {name: getattr(wanted, name) for name in ("kind", "reference", "by", "bulk")}
    found = [acts.c[name] == value for name, value in same.items() if value is not None]
    if wanted.accounts is not None:
        found.append(acts.c.account.in_(wanted.accounts))
    if wanted.since is not None:
        found.append(acts.c.at >= wanted.since)
    return found
