"""Events, endpoints and notifications."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, literal_column

from baton.ledger.migrations.version_11.columns import COUNTER, DOCUMENT, TEXT, TIME, metadata

events = Table(
    "baton_events",
    metadata,
    Column("seq", COUNTER, primary_key=True),
    Column("id", TEXT, nullable=False, unique=True),
    Column("workflow_id", TEXT, nullable=False),
    Column("account", TEXT, nullable=False),
    Column("reference", TEXT, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("position", Integer),
    Column("occurred_at", TIME, nullable=False),
    Column("written_at", TIME, nullable=False),
    Column("data", DOCUMENT, nullable=False),
    Column("trace", TEXT),
    Index("baton_events_by_workflow", "workflow_id", "seq"),
    sqlite_autoincrement=True,  # otherwise numbers come again after the newest event was deleted
)

_RAISED = events.c.type == literal_column("'order.attention_raised'")

Index(
    "baton_events_by_attention",
    events.c.occurred_at,
    events.c.account,
    sqlite_where=_RAISED,
    postgresql_where=_RAISED,
)

endpoints = Table(
    "baton_endpoints",
    metadata,
    Column("name", TEXT, primary_key=True),
    Column("url", TEXT, nullable=False),
    Column("events", DOCUMENT, nullable=False),
    Column("accounts", DOCUMENT, nullable=False),
    Column("secrets", DOCUMENT, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("created_by", TEXT, nullable=False),
)

endpoint_states = Table(
    "baton_endpoint_states",
    metadata,
    Column("endpoint", TEXT, primary_key=True),
    Column("cursor", BigInteger, nullable=False),
    Column("failing_since", TIME),
    Column("last_error", TEXT),
    Column("disabled_at", TIME),
    Column("disabled_because", TEXT),
)

notifications = Table(
    "baton_notifications",
    metadata,
    Column("endpoint", TEXT, primary_key=True),
    Column("workflow_id", TEXT, primary_key=True),
    Column("wanted", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", TIME),
    Column("due_at", TIME),
    Column("waking", Boolean, nullable=False),
    Index("baton_notifications_by_due", "due_at"),
    Index("baton_notifications_by_workflow", "workflow_id"),
)

notification_attempts = Table(
    "baton_notification_attempts",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("endpoint", TEXT, nullable=False),
    Column("workflow_id", TEXT, nullable=False),
    Column("event_id", TEXT, nullable=False),
    Column("event_type", TEXT, nullable=False),
    Column("attempted_at", TIME, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("outcome", TEXT, nullable=False),
    Column("status_code", Integer),
    Column("detail", TEXT),
    Index("baton_notification_attempts_by_event", "event_id", "endpoint", "id"),
    Index("baton_notification_attempts_by_endpoint", "endpoint", "id"),
    Index("baton_notification_attempts_by_workflow", "workflow_id", "id"),
)
