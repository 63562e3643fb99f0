"""The tables of reusable addresses and pay links, with their deposit addresses."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Table

from baton.ledger.column_types import DOCUMENT, PlainText, UtcTime, metadata

sources = Table(
    "baton_sources",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("reference", PlainText, primary_key=True),
    Column("workflow_id", PlainText, nullable=False),
    Column("orchestra_id", PlainText),
    Column("recipient", PlainText),
    Column("label", PlainText),
    Column("request", DOCUMENT, nullable=False),
    Column("metadata", DOCUMENT, nullable=False),
    Column("policy", DOCUMENT, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
    Column("reason", PlainText),
    Column("attention", PlainText),
    Column("revision", BigInteger, nullable=False),
    Column("snapshot", DOCUMENT, nullable=False),
    Index("baton_sources_by_orchestra_id", "account", "orchestra_id"),
    Index("baton_sources_by_recipient", "account", "recipient", "reference"),
    Index("baton_sources_by_age", "created_at", "workflow_id"),
)

source_addresses = Table(
    "baton_source_addresses",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("chain", PlainText, primary_key=True),
    Column("address_key", PlainText, primary_key=True),
    Column("address", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("reference", PlainText, nullable=False),
    Column("since", UtcTime, nullable=False),
    Index("baton_source_addresses_by_chain", "chain", "address_key"),
    Index("baton_source_addresses_by_source", "account", "kind", "reference"),
)
