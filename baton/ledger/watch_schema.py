"""The tables of the watches of chains: watched addresses, the deposits that were seen there, and how far scans came."""

from sqlalchemy import Column, Index, Table

from baton.ledger.column_types import DOCUMENT, Digits, PlainText, UtcTime, metadata

watches = Table(
    "baton_watches",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("quote_id", PlainText, primary_key=True),
    Column("workflow_id", PlainText, nullable=False),
    Column("chain", PlainText, nullable=False),
    Column("address", PlainText, nullable=False),
    Column("since", UtcTime, nullable=False),
    Index("baton_watches_by_chain", "chain", "address"),
    Index("baton_watches_by_workflow", "workflow_id"),
)

deposits = Table(
    "baton_deposits",
    metadata,
    Column("chain", PlainText, primary_key=True),
    Column("tx_id", PlainText, primary_key=True),
    Column("position", PlainText, primary_key=True),
    Column("address", PlainText, nullable=False),
    Column("asset", PlainText, nullable=False),
    Column("amount", Digits, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    Column("first_seen_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("baton_deposits_by_address", "chain", "address"),
    Index("baton_deposits_by_state", "chain", "state"),
)

cursors = Table(
    "baton_cursors",
    metadata,
    Column("chain", PlainText, primary_key=True),
    Column("cursor", PlainText, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)
