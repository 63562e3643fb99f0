"""The orders that wait behind holds: page by page, and summed up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, tuple_

from baton.ledger.database import Database
from baton.ledger.order_search import PageEnd
from baton.ledger.rows import Amount, Row, Time
from baton.ledger.schema import orders


class HeldOrderRow(Row):
    """What a list of held orders needs of one."""

    workflow_id: str
    account: str
    reference: str
    hold: str
    source_chain: str | None = None
    source_asset: str | None = None
    amount_in: Amount | None = None
    source_decimals: int | None = None
    created_at: Time


class RouteColumns(NamedTuple):
    """The ends of a route to select by; None means any. Chains are small letters, assets are compared without case."""

    source_chain: str | None = None
    source_asset: str | None = None
    destination_chain: str | None = None
    destination_asset: str | None = None


EVERY_ROUTE = RouteColumns()

_DECIMALS = orders.c.snapshot["source_decimals"].as_integer().label("source_decimals")
_COLUMNS = (*(orders.c[name] for name in HeldOrderRow.model_fields if name != _DECIMALS.name), _DECIMALS)


class HeldOrderTables:
    """Reads the orders that wait behind holds; available as `Ledger.held_orders`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, hold_id: str, limit: int, after: PageEnd | None = None, since: datetime | None = None
    ) -> list[PageEnd]:
        """Return the next orders behind a hold, the oldest first.

        Args:
            hold_id: The hold that they wait behind.
            limit: How many at most.
            after: The last order of the page before.
            since: Only orders that were published at this time or later.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        age = (orders.c.created_at, orders.c.workflow_id)
        page = select(*age).where(orders.c.hold == hold_id)
        if after is not None:
            page = page.where(tuple_(*age) > tuple_(*after))
        if since is not None:
            page = page.where(orders.c.published_at >= since)
        rows = await self._database.read(page.order_by(*age).limit(limit))
        return [PageEnd(row["created_at"], row["workflow_id"]) for row in rows]

    async def behind(
        self,
        hold_ids: Sequence[str],
        *,
        accounts: Sequence[str] | None = None,
        route: RouteColumns = EVERY_ROUTE,
    ) -> list[HeldOrderRow]:
        """Return the orders that wait behind any of these holds, the oldest first.

        Args:
            hold_ids: The holds.
            accounts: Only orders of these partner accounts; None for all.
            route: Only orders on this route.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        conditions: list[ColumnElement[bool]] = [orders.c.hold.in_(hold_ids), *_on_route(route)]
        if accounts is not None:
            conditions.append(orders.c.account.in_(accounts))
        query = select(*_COLUMNS).where(*conditions).order_by(orders.c.created_at, orders.c.workflow_id)
        return [HeldOrderRow.model_validate(dict(row)) for row in await self._database.read(query)]


def _on_route(route: RouteColumns) -> list[ColumnElement[bool]]:
    wanted: dict[str, Any] = {name: value for name, value in route._asdict().items() if value is not None}
    return [func.lower(orders.c[name]) == value.lower() for name, value in wanted.items()]
