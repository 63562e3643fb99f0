"""The orders that wait: those that need a person, and whom the open ones wait for. Read for people, so in short."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select

from baton.ledger.database import Database
from baton.ledger.schema import orders

MOST_LISTED = 5_000
"""Orders that one read returns at most, the oldest ones."""


class AttendedOrder(NamedTuple):
    """An order that needs a person, in short; `attentions` and `amount` are parts of its snapshot."""

    workflow_id: str
    account: str
    reference: str
    reason: str | None
    attentions: list[dict[str, Any]]
    source_chain: str | None
    source_asset: str | None
    destination_chain: str | None
    destination_asset: str | None
    amount: dict[str, Any] | None
    created_at: datetime
    closed_at: datetime | None


class WaitingOrder(NamedTuple):
    """An open order and what it waits for, in short; `waiting_for` and `amount` are parts of its snapshot."""

    workflow_id: str
    account: str
    reference: str
    status: str | None
    phase: str
    waiting_for: dict[str, Any] | None
    source_chain: str | None
    source_asset: str | None
    destination_chain: str | None
    destination_asset: str | None
    amount: dict[str, Any] | None
    created_at: datetime


class OrderQueues:
    """The orders that wait, in the read model; available as `Ledger.queues`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def attended(self, accounts: Sequence[str] | None, ended: Collection[str]) -> list[AttendedOrder]:
        """Return the orders that need a person, the oldest first.

        Args:
            accounts: Only those of these partner accounts; None for any.
            ended: The ended orders that need a person now; the row of an ended order says how it was at its end.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        column = orders.c
        query = select(
            column.workflow_id,
            column.account,
            column.reference,
            column.attention.label("reason"),
            column.snapshot["attentions"].label("attentions"),
            *_ROUTE,
            _AMOUNT,
            column.created_at,
            column.closed_at,
        )
        is_open = and_(column.closed_at.is_(None), column.attention.is_not(None))
        needs = or_(is_open, column.workflow_id.in_(ended)) if ended else is_open
        rows = await self._database.read(_oldest(query.where(needs, *_of_accounts(accounts))))
        return [AttendedOrder(**{**row, "attentions": row["attentions"] or []}) for row in map(dict, rows)]

    async def waiting(self, accounts: Sequence[str] | None) -> list[WaitingOrder]:
        """Return the open orders, the oldest first.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        column = orders.c
        query = select(
            column.workflow_id,
            column.account,
            column.reference,
            column.status,
            column.phase,
            column.waiting_for,
            *_ROUTE,
            _AMOUNT,
            column.created_at,
        )
        rows = await self._database.read(_oldest(query.where(column.closed_at.is_(None), *_of_accounts(accounts))))
        return [WaitingOrder(**dict(row)) for row in rows]


_ROUTE = (orders.c.source_chain, orders.c.source_asset, orders.c.destination_chain, orders.c.destination_asset)
_AMOUNT = orders.c.snapshot["amounts"]["in"].label("amount")


def _of_accounts(accounts: Sequence[str] | None) -> list[ColumnElement[bool]]:
    return [] if accounts is None else [orders.c.account.in_(accounts)]


def _oldest(query: Select[Any]) -> Select[Any]:
    return query.order_by(orders.c.created_at, orders.c.workflow_id).limit(MOST_LISTED)
