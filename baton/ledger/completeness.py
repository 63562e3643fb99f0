"""Whether a ledger has all orders: one whose schema was just created does not, until it was rebuilt from Temporal.

The property `complete_since` is null from the creation of the schema until the ledger is marked complete. A ledger that
an older Baton wrote counts as complete. A file that was put in the place of another while processes run may be an older
copy, so it counts as new unless it was marked complete there.
"""

from datetime import datetime

from sqlalchemy import Connection, Select, Update, delete, select, update

from baton.ledger.errors import LedgerIncomplete
from baton.ledger.schema import properties

_COMPLETE_SINCE = "complete_since"

REBUILD_POSITION = "rebuild_position"
"""The property that says how far a rebuild of the ledger has come."""

FEED_NAME = "feed"
"""The property with the name of the feed of events, which cursors of its readers bear."""


def complete_since() -> Select[tuple[str | None]]:
    """Select since when the ledger is complete; the value is null while it is not."""
    return select(properties.c.value).where(properties.c.name == _COMPLETE_SINCE)


def check_complete(connection: Connection, name: str) -> None:
    """Check in a transaction that the ledger has all orders, so that what is counted in it counts all of them.

    Raises:
        LedgerIncomplete: It has not.
    """
    if not connection.scalar(complete_since()):
        raise LedgerIncomplete(name)


def set_complete(at: datetime) -> Update:
    """Mark the ledger as complete since a time, unless it is complete already."""
    incomplete = (properties.c.name == _COMPLETE_SINCE) & properties.c.value.is_(None)
    return update(properties).where(incomplete).values(value=at.isoformat())


def distrust(connection: Connection, seen_at: datetime) -> None:
    """Mark a ledger that took the place of another as not complete, so that it is rebuilt from its beginning.

    Args:
        connection: A transaction in the new ledger.
        seen_at: When the other ledger was last seen: if the new one was marked later, somebody has rebuilt it already.
    """
    complete_before = (properties.c.name == _COMPLETE_SINCE) & (properties.c.value < seen_at.isoformat())
    if connection.execute(update(properties).where(complete_before).values(value=None)).rowcount:
        # Events since the copy get numbers that readers know as those of others, so the feed becomes another one.
        connection.execute(delete(properties).where(properties.c.name.in_((REBUILD_POSITION, FEED_NAME))))
