"""What the figures need of the schema: indexes of parts of the orders, and the counts of webhooks."""

from sqlalchemy import Column, Index, Integer, Table

from baton.ledger.column_types import PlainText, UtcTime, metadata
from baton.ledger.schema import orders

_ENDED, _OPEN = orders.c.closed_at.is_not(None), orders.c.closed_at.is_(None)
_NEEDS_PERSON = _OPEN & orders.c.attention.is_not(None)
_ROUTE = (orders.c.source_chain, orders.c.source_asset, orders.c.destination_chain, orders.c.destination_asset)

# The indexes hold everything that a figure needs: reading the rows themselves would read their snapshots too. SQLite
# looks at the column of an index's own condition, so that has to be among them.
Index(
    "baton_orders_by_end",
    *(orders.c.closed_at, orders.c.account, orders.c.outcome, *_ROUTE, orders.c.delivery_ms),
    sqlite_where=_ENDED,
    postgresql_where=_ENDED,
)
Index(
    "baton_orders_by_change",
    *(orders.c.phase, orders.c.status, orders.c.updated_at, orders.c.account, orders.c.workflow_id, orders.c.closed_at),
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index(
    "baton_orders_by_attention",
    *(orders.c.attention, orders.c.account, orders.c.closed_at),
    sqlite_where=_NEEDS_PERSON,
    postgresql_where=_NEEDS_PERSON,
)

webhook_counts = Table(
    "baton_webhook_counts",
    metadata,
    Column("hour", UtcTime, primary_key=True),
    Column("account", PlainText, primary_key=True),
    Column("result", PlainText, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("last_at", UtcTime, nullable=False),
)
"""How many webhooks came in an hour, by what became of them; refused ones leave no other row."""
