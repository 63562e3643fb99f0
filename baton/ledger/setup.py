"""Creation and upgrade of the schema, done once even if many processes start at the same moment.

The check is cheap and takes no lock. Only a database without a schema, or with an older one, is locked, checked again,
and filled in one transaction (both engines roll back table definitions). PostgreSQL uses an advisory lock that the
transaction holds, SQLite its write lock.
"""

import time
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, insert, inspect, select
from sqlalchemy.exc import OperationalError

from baton.ledger.completeness import note_origin
from baton.ledger.engine import NO_TRANSACTION
from baton.ledger.errors import LedgerTooNew
from baton.ledger.feed_schema import events
from baton.ledger.figure_schema import webhook_counts
from baton.ledger.operation_schema import acts
from baton.ledger.schema import SCHEMA_VERSION, metadata, schema_version
from baton.ledger.upgrade import upgrade_columns, upgrade_indexes, upgrade_payments

_ADVISORY_LOCK = 0x6261746F6E  # "baton" in ASCII; any number works that other programs are unlikely to lock
_RETRY_DELAY = 0.02  # seconds
_NEWEST_VERSION = select(func.max(schema_version.c.version))


def check_version(name: str, found: int) -> None:
    """Refuse the schema of a newer Baton.

    Raises:
        LedgerTooNew: `found` is above the newest known version.
    """
    if found > SCHEMA_VERSION:
        raise LedgerTooNew(name, found, SCHEMA_VERSION)


def read_version(connection: Connection) -> int:
    """Return the version of a schema that exists; without a schema, the driver's error is raised."""
    return connection.scalar(_NEWEST_VERSION) or 0


def stored_version(connection: Connection) -> int:
    """Return the version of the schema; 0 if there is none."""
    return read_version(connection) if inspect(connection).has_table(schema_version.name) else 0


def create(connection: Connection) -> int:
    """Create the schema, or add what an older one lacks, unless another process was faster; return its version."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
    found = stored_version(connection)
    if found >= SCHEMA_VERSION:
        return found
    # Their modules add tables and indexes.
    assert events.metadata is acts.metadata is webhook_counts.metadata is metadata
    metadata.create_all(connection)
    upgrade_columns(connection)
    upgrade_indexes(connection)
    upgrade_payments(connection)
    note_origin(connection, is_new=found == 0)
    connection.execute(insert(schema_version).values(version=SCHEMA_VERSION, applied_at=datetime.now(UTC)))
    return SCHEMA_VERSION


def write_ahead(engine: Engine, seconds: float) -> None:
    """Switch a SQLite file to write-ahead mode, which it then keeps; try for some seconds. Blocks."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with engine.execution_options(**NO_TRANSACTION).connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        except OperationalError as error:
            # The switch fails at once while another process makes it, whatever the timeout for locks.
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_DELAY)
        else:
            return
