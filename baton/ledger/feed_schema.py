"""The tables of the feed: events, the endpoints that are notified of them, and the notifications."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, literal_column

from baton.ledger.column_types import COUNTER, DOCUMENT, PlainText, UtcTime, metadata

ATTENTION_RAISED = "order.attention_raised"
"""The type of the events by which an order asks for a person."""

events = Table(
    "baton_events",
    metadata,
    Column("seq", COUNTER, primary_key=True),
    Column("id", PlainText, nullable=False, unique=True),
    Column("workflow_id", PlainText, nullable=False),
    Column("account", PlainText, nullable=False),
    Column("reference", PlainText, nullable=False),
    Column("type", PlainText, nullable=False),
    Column("position", Integer),
    Column("occurred_at", UtcTime, nullable=False),
    Column("written_at", UtcTime, nullable=False),
    Column("data", DOCUMENT, nullable=False),
    Column("trace", PlainText),
    Index("baton_events_by_workflow", "workflow_id", "seq"),
    sqlite_autoincrement=True,  # otherwise numbers come again after the newest event was deleted
)

# Written out and not bound: SQLite uses a part of an index only for a condition that it can read.
is_raised = events.c.type == literal_column(f"'{ATTENTION_RAISED}'")
"""Whether an event raises an attention."""

Index(
    "baton_events_by_attention",
    events.c.occurred_at,
    events.c.account,
    sqlite_where=is_raised,
    postgresql_where=is_raised,
)

endpoints = Table(
    "baton_endpoints",
    metadata,
    Column("name", PlainText, primary_key=True),
    Column("url", PlainText, nullable=False),
    Column("events", DOCUMENT, nullable=False),
    Column("accounts", DOCUMENT, nullable=False),
    Column("secrets", DOCUMENT, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", PlainText, nullable=False),
)

endpoint_states = Table(
    "baton_endpoint_states",
    metadata,
    Column("endpoint", PlainText, primary_key=True),
    Column("cursor", BigInteger, nullable=False),
    Column("failing_since", UtcTime),
    Column("last_error", PlainText),
    Column("disabled_at", UtcTime),
    Column("disabled_because", PlainText),
)

notifications = Table(
    "baton_notifications",
    metadata,
    Column("endpoint", PlainText, primary_key=True),
    Column("workflow_id", PlainText, primary_key=True),
    Column("wanted", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", UtcTime),
    Column("due_at", UtcTime),
    Column("waking", Boolean, nullable=False),
    Index("baton_notifications_by_due", "due_at"),
    Index("baton_notifications_by_workflow", "workflow_id"),
)

notification_attempts = Table(
    "baton_notification_attempts",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("endpoint", PlainText, nullable=False),
    Column("workflow_id", PlainText, nullable=False),
    Column("event_id", PlainText, nullable=False),
    Column("event_type", PlainText, nullable=False),
    Column("attempted_at", UtcTime, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("outcome", PlainText, nullable=False),
    Column("status_code", Integer),
    Column("detail", PlainText),
    Index("baton_notification_attempts_by_event", "event_id", "endpoint", "id"),
    Index("baton_notification_attempts_by_endpoint", "endpoint", "id"),
    Index("baton_notification_attempts_by_workflow", "workflow_id", "id"),
)
