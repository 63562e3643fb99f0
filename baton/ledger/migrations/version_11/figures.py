"""Indexes for figures, and counts of webhooks."""

from sqlalchemy import Column, Index, Integer, Table

from baton.ledger.migrations.version_11.columns import TEXT, TIME, metadata
from baton.ledger.migrations.version_11.orders import orders

_ENDED, _OPEN = orders.c.closed_at.is_not(None), orders.c.closed_at.is_(None)
_NEEDS_PERSON = _OPEN & orders.c.attention.is_not(None)
_ROUTE = (orders.c.source_chain, orders.c.source_asset, orders.c.destination_chain, orders.c.destination_asset)

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
    Column("hour", TIME, primary_key=True),
    Column("account", TEXT, primary_key=True),
    Column("result", TEXT, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("last_at", TIME, nullable=False),
)
