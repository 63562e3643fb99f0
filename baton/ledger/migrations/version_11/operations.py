"""What operators do."""

from sqlalchemy import Column, Index, Integer, Table

from baton.ledger.migrations.version_11.columns import DOCUMENT, TEXT, TIME, metadata

acts = Table(
    "baton_acts",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("at", TIME, nullable=False),
    Column("by", TEXT, nullable=False),
    Column("act", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("account", TEXT),
    Column("reference", TEXT),
    Column("note", TEXT),
    Column("outcome", TEXT, nullable=False),
    Column("detail", TEXT),
    Column("bulk", TEXT),
    Index("baton_acts_by_time", "at", "id"),
    Index("baton_acts_by_reference", "account", "kind", "reference", "at"),
)

bulks = Table(
    "baton_bulks",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("created_at", TIME, nullable=False),
    Column("by", TEXT, nullable=False),
    Column("request", DOCUMENT, nullable=False),
    Column("accounts", DOCUMENT),
    Column("orders", Integer, nullable=False),
    Column("stopped_at", TIME),
    Index("baton_bulks_by_time", "created_at", "id"),
)

bulk_orders = Table(
    "baton_bulk_orders",
    metadata,
    Column("bulk", TEXT, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("workflow_id", TEXT, nullable=False),
    Column("account", TEXT, nullable=False),
    Column("reference", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("code", TEXT),
    Column("message", TEXT),
    Column("at", TIME),
    Index("baton_bulk_orders_by_state", "bulk", "state", "position"),
)
