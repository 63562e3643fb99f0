"""How the ledger reaches its database: a SQLite file in threads of its own, or a PostgreSQL server."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import URL, Connection

from baton.ledger.engine import build_postgresql_engine, is_sqlite
from baton.ledger.schema import SCHEMA_VERSION
from baton.ledger.setup import check_version, create, stored_version
from baton.ledger.sqlite_backend import SqliteBackend

T = TypeVar("T")
Work = Callable[[Connection], T]


class Backend(Protocol):
    """A database that runs work on its connections."""

    @property
    def dialect(self) -> str:
        """The name of the SQL dialect."""

    async def prepare(self) -> None:
        """Create what is missing.

        Raises:
            LedgerTooNew: The schema belongs to a newer Baton.
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
        self._name = name
        self._engine = build_postgresql_engine(url, timeout, connections)

    async def prepare(self) -> None:
        """Create the schema, or what it lacks."""
        found = await self.read(stored_version)
        check_version(self._name, await self.write(create) if found < SCHEMA_VERSION else found)

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


def open_backend(url: URL, name: str, timeout: float, connections: int) -> Backend:
    """Return the backend of a ledger URL; it has no connection yet.

    Args:
        url: The URL, as `parse_url` returns it.
        name: The ledger's name in errors and in the log.
        timeout: Seconds that one operation may take.
        connections: How many connections to a server it may hold at the same time.
    """
    if is_sqlite(url):
        return SqliteBackend(url, name, timeout)
    return PostgresqlBackend(url, name, timeout, connections)
