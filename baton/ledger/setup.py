"""Creation and upgrade of the schema, done once even if many processes start at the same moment.

The check is cheap and takes no lock. Only a database without a schema, or with an older one, is locked, checked again,
and filled in one transaction (both engines roll back table definitions). PostgreSQL uses an advisory lock that the
transaction holds, SQLite its write lock.
"""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, inspect, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from baton.ledger.completeness import note_origin
from baton.ledger.engine import NO_TRANSACTION
from baton.ledger.errors import LedgerTooNew
from baton.ledger.schema import SCHEMA_VERSION, metadata, schema_version
from baton.ledger.upgrade import upgrade_columns, upgrade_payments

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


async def read_version(engine: AsyncEngine) -> int:
    """Return the version of a schema that exists; without a schema, the driver's error is raised."""
    async with engine.connect() as connection:
        return await connection.scalar(_NEWEST_VERSION) or 0


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(schema_version.name):
        return None
    newest: int | None = connection.scalar(_NEWEST_VERSION)
    return newest


def _create(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
    found = _version(connection)
    if found is not None and found >= SCHEMA_VERSION:
        return found
    metadata.create_all(connection)
    upgrade_columns(connection)
    upgrade_payments(connection)
    note_origin(connection, is_new=found is None)
    connection.execute(insert(schema_version).values(version=SCHEMA_VERSION, applied_at=datetime.now(UTC)))
    return SCHEMA_VERSION


async def _write_ahead(engine: AsyncEngine) -> None:
    # The switch to write-ahead mode fails at once while another process makes it, whatever the timeout for locks.
    while True:
        try:
            async with engine.execution_options(**NO_TRANSACTION).connect() as connection:
                await connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        except OperationalError as error:
            if "locked" not in str(error.orig):
                raise
            await asyncio.sleep(_RETRY_DELAY)
        else:
            return


async def prepare_schema(engine: AsyncEngine, writer: AsyncEngine, name: str) -> None:
    """Create the schema if there is none, and add what an older one lacks.

    Args:
        engine: The engine for reads.
        writer: The same engine with the execution options of writes.
        name: The ledger's name in errors.

    Raises:
        LedgerTooNew: The schema belongs to a newer Baton.
    """
    if engine.dialect.name == "sqlite":
        await _write_ahead(engine)
    async with engine.connect() as connection:
        found = await connection.run_sync(_version)
    if found is None or found < SCHEMA_VERSION:
        async with writer.begin() as connection:
            found = await connection.run_sync(_create)
    check_version(name, found)
