"""The ledger's tables, the same on SQLite and PostgreSQL.

Table names have a prefix because the database may belong to the business and contain a table `orders` already.

Schema versions: `baton_schema_version` has one row for each version that was ever applied. Baton opens a ledger of its
own version, creates that version in an empty database, adds the tables that an older ledger lacks, and refuses a newer
one. To change the schema, raise `SCHEMA_VERSION` and change the tables here. New tables are created automatically; any
other change is a statement in `baton.ledger.upgrade`, run under the same lock and in the same transaction. Additive
changes (a nullable column, an index) let old and new processes share the ledger during an upgrade. For any other change
the ledger may start empty, because every row can be written again from Temporal and Orchestra.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)

SCHEMA_VERSION = 11
"""Version 2 added payments, watches, deposits and cursors.

Version 3 added properties, the lookup by deposit address, the bodies of webhooks, and when an order was published; a
payment belongs to its order since then, not to one invoice of it.

Version 4 added reusable addresses and pay links with their deposit addresses, and what an order came of.

Version 5 added the app fees that orders paid.

Version 6 added events, and the endpoints that are notified of them; the keys by which an order is found: its
transactions, its payer and its metadata.

Version 7 added the recipient of an address or a link, whose orders Orchestra lists by it.

Version 8 added the record of acts, and acts in bulk.

Version 9 added how long an order took to be delivered, and indexes for figures: of ended orders, of open ones, of
attention.

Version 10 added the hold that an order waits behind.

Version 11 added the trace of an event.
"""


class PlainText(TypeDecorator[str]):
    """Text that both engines accept: a NUL or half a surrogate pair from the wire must not lose the row."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace the characters that a database cannot store."""
        if value is None:
            return None
        return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


class Digits(TypeDecorator[int]):
    """An amount as a string of digits: token amounts have up to 256 bits, too many for an integer column."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:
        """Write the amount as digits."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> int | None:
        """Read the digits as an int."""
        return None if value is None else int(value)


class UtcTime(TypeDecorator[datetime]):
    """A time that reads back aware and in UTC; it is written in UTC, because SQLite has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write the time in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read the time as aware, in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


COUNTER = BigInteger().with_variant(Integer(), "sqlite")
DOCUMENT = JSON(none_as_null=True)

metadata = MetaData()

schema_version = Table(
    "baton_schema_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", UtcTime, nullable=False),
)

properties = Table(
    "baton_properties",
    metadata,
    Column("name", PlainText, primary_key=True),
    Column("value", PlainText),
)
"""What a ledger knows about itself; see `baton.ledger.completeness`."""

quote_index = Table(
    "baton_quote_index",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("quote_id", PlainText, primary_key=True),
    Column("workflow_id", PlainText, nullable=False),
    Column("deposit_address", PlainText),
    Column("deposit_memo", PlainText),
    Column("source_chain", PlainText),
    Column("created_at", UtcTime, nullable=False),
    Column("address_key", PlainText),
    Index("baton_quote_index_by_workflow", "workflow_id", "created_at"),
    Index("baton_quote_index_by_address", "source_chain", "deposit_address"),
    Index("baton_quote_index_by_address_key", "account", "address_key"),
)

order_index = Table(
    "baton_order_index",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("order_id", PlainText, primary_key=True),
    Column("workflow_id", PlainText, nullable=False),
)

orders = Table(
    "baton_orders",
    metadata,
    Column("workflow_id", PlainText, primary_key=True),
    Column("account", PlainText, nullable=False),
    Column("reference", PlainText, nullable=False),
    Column("phase", PlainText, nullable=False),
    Column("status", PlainText),
    Column("outcome", PlainText),
    Column("order_id", PlainText),
    Column("quote_id", PlainText),
    Column("deposit_address", PlainText),
    Column("source_chain", PlainText),
    Column("source_asset", PlainText),
    Column("destination_chain", PlainText),
    Column("destination_asset", PlainText),
    Column("amount_in", Digits),
    Column("amount_out", Digits),
    Column("attention", PlainText),
    Column("waiting_for", DOCUMENT),
    Column("next_deadline", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("revision", BigInteger, nullable=False),
    Column("snapshot", DOCUMENT, nullable=False),
    Column("published_at", UtcTime),
    Column("source", PlainText),
    Column("delivery_ms", BigInteger),
    Column("hold", PlainText),
    Index("baton_orders_by_age", "created_at", "workflow_id"),
    Index("baton_orders_by_account", "account", "created_at", "workflow_id"),
    Index("baton_orders_by_phase", "phase", "created_at", "workflow_id"),
    Index("baton_orders_by_source", "account", "source", "created_at", "workflow_id"),
    Index(
        "baton_orders_by_hold",
        "hold",
        "created_at",
        "workflow_id",
        sqlite_where=text("hold IS NOT NULL"),
        postgresql_where=text("hold IS NOT NULL"),
    ),
)

order_keys = Table(
    "baton_order_keys",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("value", PlainText, primary_key=True),
    Column("workflow_id", PlainText, primary_key=True),
    Column("opened_at", UtcTime, nullable=False),
    Index("baton_order_keys_by_workflow", "workflow_id"),
)
"""What else an order is found by, beside the columns of its row; see `baton.ledger.rows.OrderKeyRow`."""

transitions = Table(
    "baton_transitions",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("workflow_id", PlainText, nullable=False),
    Column("order_id", PlainText),
    Column("position", Integer),
    Column("status", PlainText, nullable=False),
    Column("at", UtcTime),
    Column("source", PlainText, nullable=False),
    Index("baton_transitions_by_workflow", "workflow_id"),
)

credits = Table(
    "baton_credits",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("offer_id", PlainText, primary_key=True),
    Column("workflow_id", PlainText, nullable=False),
    Column("order_id", PlainText, nullable=False),
    Column("sats", BigInteger, nullable=False),
    Column("credited_at", UtcTime, nullable=False),
    Index("baton_credits_by_time", "account", "credited_at"),
)

deliveries = Table(
    "baton_deliveries",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("account", PlainText, nullable=False),
    Column("workflow_id", PlainText),
    Column("order_id", PlainText),
    Column("quote_id", PlainText),
    Column("event", PlainText, nullable=False),
    Column("status", PlainText),
    Column("event_timestamp", UtcTime),
    Column("received_at", UtcTime, nullable=False),
    Column("disposition", PlainText, nullable=False),
    Column("detail", PlainText),
    Column("body", LargeBinary),
    Index("baton_deliveries_by_workflow", "workflow_id", "id"),
)

payments = Table(
    "baton_asked_payments",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("workflow_id", PlainText, primary_key=True),
    Column("payer", PlainText, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Index("baton_asked_payments_by_payer", "account", "payer", "asked_at"),
)

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

fee_payouts = Table(
    "baton_fee_payouts",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("order_id", PlainText, primary_key=True),
    Column("payout", PlainText, primary_key=True),
    Column("workflow_id", PlainText, nullable=False),
    Column("affiliate_id", PlainText),
    Column("chain", PlainText),
    Column("asset", PlainText),
    Column("amount", Digits),
    Column("recipient_amount", Digits),
    Column("tx_hash", PlainText),
    Column("recorded_at", UtcTime),
    Index("baton_fee_payouts_by_affiliate", "account", "affiliate_id", "order_id", "payout"),
)
