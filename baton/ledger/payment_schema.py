"""The tables of money that has a limit or an owner: ZeroConf offers, payments of payers, fees of affiliates."""

from sqlalchemy import BigInteger, Column, Index, Table

from baton.ledger.column_types import Digits, PlainText, UtcTime, metadata

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
    Index("baton_credits_by_workflow", "workflow_id"),
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
    Index("baton_asked_payments_by_workflow", "workflow_id"),
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
