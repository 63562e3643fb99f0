"""Forgets orders that ended long ago, with everything that the ledger has of them, a batch in each transaction.

What stays: open orders, ended ones whose attention is open or whose payment counts towards a payer's limit, what
affiliates earned, the deposits that chains showed (else an old one would look new), and the record of acts.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Select, Table, delete, exists, func, select

from baton.ledger.database import Database
from baton.ledger.events import note_pruned
from baton.ledger.feed_schema import events, notification_attempts, notifications
from baton.ledger.payment_schema import credits, payments
from baton.ledger.schema import deliveries, order_index, order_keys, orders, quote_index, transitions
from baton.ledger.watch_schema import watches

BATCH = 200
"""Orders that one transaction deletes: writers wait for it only for a moment."""

PAYMENTS_COUNT = timedelta(days=31)
"""How long a payment may count towards a payer's limit: the longest `payer_window` that an account may have."""

_OF_ORDERS: tuple[Table, ...] = (
    order_index,
    quote_index,
    order_keys,
    transitions,
    credits,
    deliveries,
    payments,
    watches,
    notifications,
    notification_attempts,
    events,
)
"""The tables whose rows belong to one order, by its workflow."""


class Forgotten(NamedTuple):
    """What one batch deleted: orders, and rows of other tables that belonged to them."""

    orders: int
    rows: int


class Retention:
    """How long ended orders are kept; available as `Ledger.retention`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ended(self, before: datetime) -> int:
        """Return how many orders can be forgotten.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        counted = _ended(before).with_only_columns(func.count().label("orders")).order_by(None)
        return int((await self._database.read(counted))[0]["orders"])

    async def forget(self, before: datetime) -> Forgotten:
        """Delete the oldest orders that ended before a time, at most `BATCH`; none are left when it deletes none.

        Raises:
            LedgerUnavailable: It could not be written.
        """

        def work(connection: Connection) -> Forgotten:
            ids = list(connection.scalars(_ended(before).limit(BATCH)))
            if not ids:
                return Forgotten(0, 0)
            # A reader of the feed who has not come so far is to hear that something is missing.
            note_pruned(connection, events.c.workflow_id.in_(ids))
            rows = sum(
                connection.execute(delete(table).where(table.c.workflow_id.in_(ids))).rowcount for table in _OF_ORDERS
            )
            return Forgotten(connection.execute(delete(orders).where(orders.c.workflow_id.in_(ids))).rowcount, rows)

        return await self._database.write(work)


def _ended(before: datetime) -> Select[tuple[str]]:
    counted = exists().where(
        payments.c.account == orders.c.account,
        payments.c.workflow_id == orders.c.workflow_id,
        payments.c.asked_at >= datetime.now(UTC) - PAYMENTS_COUNT,
    )
    forgettable = (orders.c.closed_at < before, orders.c.closed_at.is_not(None), orders.c.attention.is_(None))
    return select(orders.c.workflow_id).where(*forgettable, ~counted).order_by(orders.c.closed_at)
