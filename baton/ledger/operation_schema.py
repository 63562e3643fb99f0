"""The tables of what operators do: the record of acts, and acts in bulk with their orders."""

from sqlalchemy import Column, Index, Integer, Table

from baton.ledger.column_types import DOCUMENT, PlainText, UtcTime, metadata

acts = Table(
    "baton_acts",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", PlainText, nullable=False),
    Column("act", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("account", PlainText),
    Column("reference", PlainText),
    Column("note", PlainText),
    Column("outcome", PlainText, nullable=False),
    Column("detail", PlainText),
    Column("bulk", PlainText),
    Index("baton_acts_by_time", "at", "id"),
    Index("baton_acts_by_reference", "account", "kind", "reference", "at"),
)

bulks = Table(
    "baton_bulks",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Column("by", PlainText, nullable=False),
    Column("request", DOCUMENT, nullable=False),
    Column("accounts", DOCUMENT),
    Column("orders", Integer, nullable=False),
    Column("stopped_at", UtcTime),
    Index("baton_bulks_by_time", "created_at", "id"),
)

bulk_orders = Table(
    "baton_bulk_orders",
    metadata,
    Column("bulk", PlainText, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("workflow_id", PlainText, nullable=False),
    Column("account", PlainText, nullable=False),
    Column("reference", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("code", PlainText),
    Column("message", PlainText),
    Column("at", UtcTime),
    Index("baton_bulk_orders_by_state", "bulk", "state", "position"),
)
