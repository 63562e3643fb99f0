"""The orders that wait: those that need a person, and whom the open ones wait for. Read for people, so in short."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select

from baton.ledger.database import Database
from baton.ledger.schema import orders

MOST_LISTED = 5_000
"""Orders that one read returns at most, the oldest ones."""


class AttendedOrder(NamedTuple):
    """An order that needs a person, in short; `attentions` and `amount` are parts of its snapshot.

    `amount` is None unless it was asked for: each part that is read costs some time for each order.
    """

    workflow_id: str
    account: str
    reference: str
    reason: str | None
    attentions: list[dict[str, Any]]
    source_chain: str | None
    source_asset: str | None
    destination_chain: str | None
    destination_asset: str | None
    created_at: datetime
    closed_at: datetime | None
    amount: dict[str, Any] | None = None


class WaitingOrder(NamedTuple):
    """An open order and what it waits for, in short."""

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
    created_at: datetime


class OrderQueues:
    """The orders that wait, in the read model; available as `Ledger.queues`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def attended(
        self, accounts: Sequence[str] | None, ended: Collection[str], *, amounts: bool = False
    ) -> list[AttendedOrder]:
        """Return the orders that need a person, the oldest first.

        Args:
            accounts: Only those of these partner accounts; None for any.
            ended: The ended orders that need a person now; the row of an ended order says how it was at its end.
            amounts: Whether to return what their payers were asked for.

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
            column.created_at,
            column.closed_at,
            *((_AMOUNT,) if amounts else ()),
        )
        needs = _among_open(accounts, _among.c.attention.is_not(None))
        if own := _of_accounts(ended, accounts):
            needs = or_(needs, column.workflow_id.in_(own))
        rows = await self._database.read(_oldest(query.where(needs)))
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
            column.created_at,
        )
        rows = await self._database.read(_oldest(query.where(_among_open(accounts))))
        return [WaitingOrder(**dict(row)) for row in rows]


_ROUTE = (orders.c.source_chain, orders.c.source_asset, orders.c.destination_chain, orders.c.destination_asset)
_AMOUNT = orders.c.snapshot["amounts"]["in"].label("amount")


_among = orders.alias("among")


def _among_open(accounts: Sequence[str] | None, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that an order is open, by the partial indexes of open orders.

    As plain conditions beside an order by age, they would have all orders read by age, of which nearly all have ended.
    """
    # As a function: the index by account would be preferred, although it has all orders of the account.
    covered = [] if accounts is None else [func.coalesce(_among.c.account, "").in_(accounts)]
    chosen = select(_among.c.workflow_id).where(_among.c.closed_at.is_(None), *conditions, *covered)
    return orders.c.workflow_id.in_(chosen)


def _of_accounts(workflow_ids: Collection[str], accounts: Sequence[str] | None) -> list[str]:
    """Return the orders of these accounts, by their ids, which begin with `order/` and the account."""
    return [found for found in sorted(workflow_ids) if accounts is None or found.split("/", 2)[1] in accounts]


def _oldest(query: Select[Any]) -> Select[Any]:
    return query.order_by(orders.c.created_at, orders.c.workflow_id).limit(MOST_LISTED)
