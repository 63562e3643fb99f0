"""Watched addresses, deposits, reusable addresses and pay links."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Table

from baton.ledger.migrations.version_11.columns import DIGITS, DOCUMENT, TEXT, TIME, metadata

watches = Table(
    "baton_watches",
    metadata,
    Column("account", TEXT, primary_key=True),
    Column("quote_id", TEXT, primary_key=True),
    Column("workflow_id", TEXT, nullable=False),
    Column("chain", TEXT, nullable=False),
    Column("address", TEXT, nullable=False),
    Column("since", TIME, nullable=False),
    Index("baton_watches_by_chain", "chain", "address"),
)

deposits = Table(
    "baton_deposits",
    metadata,
    Column("chain", TEXT, primary_key=True),
    Column("tx_id", TEXT, primary_key=True),
    Column("position", TEXT, primary_key=True),
    Column("address", TEXT, nullable=False),
    Column("asset", TEXT, nullable=False),
    Column("amount", DIGITS, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    Column("first_seen_at", TIME, nullable=False),
    Column("updated_at", TIME, nullable=False),
    Index("baton_deposits_by_address", "chain", "address"),
    Index("baton_deposits_by_state", "chain", "state"),
)

cursors = Table(
    "baton_cursors",
    metadata,
    Column("chain", TEXT, primary_key=True),
    Column("cursor", TEXT, nullable=False),
    Column("updated_at", TIME, nullable=False),
)

sources = Table(
    "baton_sources",
    metadata,
    Column("account", TEXT, primary_key=True),
    Column("kind", TEXT, primary_key=True),
    Column("reference", TEXT, primary_key=True),
    Column("workflow_id", TEXT, nullable=False),
    Column("orchestra_id", TEXT),
    Column("recipient", TEXT),
    Column("label", TEXT),
    Column("request", DOCUMENT, nullable=False),
    Column("metadata", DOCUMENT, nullable=False),
    Column("policy", DOCUMENT, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("disabled_at", TIME),
    Column("reason", TEXT),
    Column("attention", TEXT),
    Column("revision", BigInteger, nullable=False),
    Column("snapshot", DOCUMENT, nullable=False),
    Index("baton_sources_by_orchestra_id", "account", "orchestra_id"),
    Index("baton_sources_by_recipient", "account", "recipient", "reference"),
    Index("baton_sources_by_age", "created_at", "workflow_id"),
)

source_addresses = Table(
    "baton_source_addresses",
    metadata,
    Column("account", TEXT, primary_key=True),
    Column("chain", TEXT, primary_key=True),
    Column("address_key", TEXT, primary_key=True),
    Column("address", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("reference", TEXT, nullable=False),
    Column("since", TIME, nullable=False),
    Index("baton_source_addresses_by_chain", "chain", "address_key"),
    Index("baton_source_addresses_by_source", "account", "kind", "reference"),
)
