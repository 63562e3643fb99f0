"""Orders and what belongs to them."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, text

from baton.ledger.migrations.version_11.columns import COUNTER, DIGITS, DOCUMENT, TEXT, TIME, metadata

schema_version = Table(
    "baton_schema_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", TIME, nullable=False),
)

properties = Table(
    "baton_properties",
    metadata,
    Column("name", TEXT, primary_key=True),
    Column("value", TEXT),
)

quote_index = Table(
    "baton_quote_index",
    metadata,
    Column("account", TEXT, primary_key=True),
    Column("quote_id", TEXT, primary_key=True),
    Column("workflow_id", TEXT, nullable=False),
    Column("deposit_address", TEXT),
    Column("deposit_memo", TEXT),
    Column("source_chain", TEXT),
    Column("created_at", TIME, nullable=False),
    Column("address_key", TEXT),
    Index("baton_quote_index_by_workflow", "workflow_id", "created_at"),
    Index("baton_quote_index_by_address", "source_chain", "deposit_address"),
    Index("baton_quote_index_by_address_key", "account", "address_key"),
)

order_index = Table(
    "baton_order_index",
    metadata,
    Column("account", TEXT, primary_key=True),
    Column("order_id", TEXT, primary_key=True),
    Column("workflow_id", TEXT, nullable=False),
)

orders = Table(
    "baton_orders",
    metadata,
    Column("workflow_id", TEXT, primary_key=True),
    Column("account", TEXT, nullable=False),
    Column("reference", TEXT, nullable=False),
    Column("phase", TEXT, nullable=False),
    Column("status", TEXT),
    Column("outcome", TEXT),
    Column("order_id", TEXT),
    Column("quote_id", TEXT),
    Column("deposit_address", TEXT),
    Column("source_chain", TEXT),
    Column("source_asset", TEXT),
    Column("destination_chain", TEXT),
    Column("destination_asset", TEXT),
    Column("amount_in", DIGITS),
    Column("amount_out", DIGITS),
    Column("attention", TEXT),
    Column("waiting_for", DOCUMENT),
    Column("next_deadline", TIME),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME, nullable=False),
    Column("closed_at", TIME),
    Column("revision", BigInteger, nullable=False),
    Column("snapshot", DOCUMENT, nullable=False),
    Column("published_at", TIME),
    Column("source", TEXT),
    Column("delivery_ms", BigInteger),
    Column("hold", TEXT),
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
    Column("account", TEXT, primary_key=True),
    Column("kind", TEXT, primary_key=True),
    Column("value", TEXT, primary_key=True),
    Column("workflow_id", TEXT, primary_key=True),
    Column("opened_at", TIME, nullable=False),
    Index("baton_order_keys_by_workflow", "workflow_id"),
)

transitions = Table(
    "baton_transitions",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("workflow_id", TEXT, nullable=False),
    Column("order_id", TEXT),
    Column("position", Integer),
    Column("status", TEXT, nullable=False),
    Column("at", TIME),
    Column("source", TEXT, nullable=False),
    Index("baton_transitions_by_workflow", "workflow_id"),
)

deliveries = Table(
    "baton_deliveries",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("account", TEXT, nullable=False),
    Column("workflow_id", TEXT),
    Column("order_id", TEXT),
    Column("quote_id", TEXT),
    Column("event", TEXT, nullable=False),
    Column("status", TEXT),
    Column("event_timestamp", TIME),
    Column("received_at", TIME, nullable=False),
    Column("disposition", TEXT, nullable=False),
    Column("detail", TEXT),
    Column("body", LargeBinary),
    Index("baton_deliveries_by_workflow", "workflow_id", "id"),
)

credits = Table(
    "baton_credits",
    metadata,
    Column("account", TEXT, primary_key=True),
    Column("offer_id", TEXT, primary_key=True),
    Column("workflow_id", TEXT, nullable=False),
    Column("order_id", TEXT, nullable=False),
    Column("sats", BigInteger, nullable=False),
    Column("credited_at", TIME, nullable=False),
    Index("baton_credits_by_time", "account", "credited_at"),
)

payments = Table(
    "baton_asked_payments",
    metadata,
    Column("account", TEXT, primary_key=True),
    Column("workflow_id", TEXT, primary_key=True),
    Column("payer", TEXT, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("asked_at", TIME, nullable=False),
    Index("baton_asked_payments_by_payer", "account", "payer", "asked_at"),
)

fee_payouts = Table(
    "baton_fee_payouts",
    metadata,
    Column("account", TEXT, primary_key=True),
    Column("order_id", TEXT, primary_key=True),
    Column("payout", TEXT, primary_key=True),
    Column("workflow_id", TEXT, nullable=False),
    Column("affiliate_id", TEXT),
    Column("chain", TEXT),
    Column("asset", TEXT),
    Column("amount", DIGITS),
    Column("recipient_amount", DIGITS),
    Column("tx_hash", TEXT),
    Column("recorded_at", TIME),
    Index("baton_fee_payouts_by_affiliate", "account", "affiliate_id", "order_id", "payout"),
)
