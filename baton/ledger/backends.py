"""How the ledger reaches its database: a SQLite file in threads of its own, or a PostgreSQL server."""

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import URL, Connection

from baton.ledger.engine import build_blocking_postgresql_engine, build_postgresql_engine, is_sqlite
from baton.ledger.schema_upgrade import SchemaUpgrade
from baton.ledger.setup import SchemaVersion, Upgrades, stored_version
from baton.ledger.sqlite_backend import SqliteBackend

T = TypeVar("T")
Work = Callable[[Connection], T]


class Backend(Protocol):
    """A database that runs work on its connections."""

    @property
    def dialect(self) -> str:
        """The name of the SQL dialect."""

    async def prepare(self) -> SchemaVersion:
        """Make the database ready to be read, and return the version of its schema."""

    async def upgrade(self, to: int) -> SchemaVersion:
        """Bring the schema to a version, however long it takes; return the version that it had.

        Raises:
            LedgerTooNew: The schema belongs to a newer Baton.
            LedgerUnavailable: Another process holds the database.
        """

    async def read(self, work: Work[T]) -> T:
        """Run work that only reads, and return its result."""

    async def write(self, work: Work[T]) -> T:
        """Run work in a transaction, and return its result once it is committed."""

    async def close(self) -> None:
        """Close every connection."""


class PostgresqlBackend:
    """A PostgreSQL server.

    Args:
        url: Where it is.
        name: The ledger's name in errors.
        timeout: Seconds that a wait for a connection may take.
        connections: How many connections it may hold at the same time.
    """

    dialect = "postgresql"

    def __init__(self, url: URL, name: str, timeout: float, connections: int) -> None:
        self._url = url
        self._name = name
        self._timeout = timeout
        self._engine = build_postgresql_engine(url, timeout, connections)

    async def prepare(self) -> SchemaVersion:
        """Return the version of the schema."""
        return await self.read(stored_version)

    async def upgrade(self, to: int) -> SchemaVersion:
        """Bring the schema to a version; return the version that it had."""
        # On the loop's own connections a migration would hold up the loop, or let another one in between.
        engine = build_blocking_postgresql_engine(self._url, self._timeout)
        upgrade = SchemaUpgrade(engine, self._name, to)
        try:
            return await asyncio.to_thread(upgrade.run)
        finally:
            upgrade.stop()
            await asyncio.to_thread(engine.dispose)

    async def read(self, work: Work[T]) -> T:
        """Run work that only reads, and return its result."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Work[T]) -> T:
        """Run work in a transaction, and return its result once it is committed."""
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def open_backend(url: URL, name: str, timeout: float, connections: int, upgrades: Upgrades) -> Backend:
    """Return the backend of a ledger URL; it has no connection yet.

    Args:
        url: The URL, as `parse_url` returns it.
        name: The ledger's name in errors and in the log.
        timeout: Seconds that one operation may take.
        connections: How many connections to a server it may hold at the same time.
        upgrades: How a file that takes the place of a SQLite ledger gets its schema.
    """
    if is_sqlite(url):
        return SqliteBackend(url, name, timeout, upgrades)
    return PostgresqlBackend(url, name, timeout, connections)
