"""The ledger's main tables, the same on SQLite and PostgreSQL; the other `*_schema` modules have the rest.

Table names have a prefix because the database may belong to the business and contain a table `orders` already.

To change the schema, change its tables, raise `SCHEMA_VERSION`, and add the migration that makes the version, as
`baton.ledger.migrations` says; a test compares both. Alembic keeps the version of a ledger in `baton_alembic_version`.
`baton_schema_version` has one row for each version that was ever applied; a Baton without Alembic reads it. Baton
opens a ledger of its own version, upgrades an older one, and refuses a newer one.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, text

from baton.ledger.column_types import COUNTER, DOCUMENT, Digits, PlainText, UtcTime, metadata

SCHEMA_VERSION = 12
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

Version 12 added indexes by which the rows of an ended order are found when it is deleted.
"""

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
    Index("baton_order_index_by_workflow", "workflow_id"),
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
