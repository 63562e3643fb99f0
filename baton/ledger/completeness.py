"""Whether a ledger has all orders: one whose schema was just created does not, until it was rebuilt from Temporal.

The property `complete_since` is null from the creation of the schema until the ledger is marked complete. A ledger that
an older Baton wrote counts as complete.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, Select, Update, insert, select, update

from baton.ledger.schema import properties

_COMPLETE_SINCE = "complete_since"


def note_origin(connection: Connection, *, is_new: bool) -> None:
    """Write whether a schema that was just created or upgraded belongs to a new ledger. Part of the schema's setup."""
    if connection.scalar(select(properties.c.name).where(properties.c.name == _COMPLETE_SINCE)) is None:
        since = None if is_new else datetime.now(UTC).isoformat()
        connection.execute(insert(properties).values(name=_COMPLETE_SINCE, value=since))


def complete_since() -> Select[tuple[str | None]]:
    """Select since when the ledger is complete; the value is null while it is not."""
    return select(properties.c.value).where(properties.c.name == _COMPLETE_SINCE)


def set_complete(at: datetime) -> Update:
    """Mark the ledger as complete since a time, unless it is complete already."""
    incomplete = (properties.c.name == _COMPLETE_SINCE) & properties.c.value.is_(None)
    return update(properties).where(incomplete).values(value=at.isoformat())
