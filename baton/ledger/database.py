"""The ledger's database: reads and writes, both with a timeout."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Select, UpdateBase

from baton.ledger.backends import open_backend
from baton.ledger.engine import CONNECTIONS, parse_url, public_name
from baton.ledger.guard import Guard, OnLedgerError
from baton.ledger.schema import SCHEMA_VERSION
from baton.ledger.setup import SchemaVersion, Upgrades, check_version, read_version, require_upgrades

T = TypeVar("T")
PROGRESS_INTERVAL = 10.0
"""Seconds after which an upgrade that takes long says again that it is under way."""

_log = logging.getLogger(__name__)

Query = Select[Any] | tuple[Select[Any], Mapping[str, Any]]
"""A query; with its parameters if it is built once for all of their values."""


class Database:
    """A database with the ledger's schema.

    Args:
        url: The ledger's URL as the user wrote it.
        timeout: Seconds that one operation may take, including waits for connections and locks.
        on_error: Gets the error of each operation that fails.
        connections: How many connections to a server it may hold at the same time.
        upgrades: When an older schema is upgraded.

    Raises:
        LedgerUrlError: The URL cannot be used.
    """

    def __init__(
        self,
        url: str,
        timeout: float,
        on_error: OnLedgerError | None = None,
        connections: int = CONNECTIONS,
        upgrades: Upgrades = "start",
    ) -> None:
        parsed = parse_url(url)
        self.name = public_name(parsed)
        self._upgrades = upgrades
        self._backend = open_backend(parsed, self.name, timeout, connections, upgrades)
        self._guard = Guard(self.name, timeout, on_error)

    @property
    def dialect(self) -> str:
        """The name of the SQL dialect: `sqlite` or `postgresql`."""
        return self._backend.dialect

    async def prepare(self) -> None:
        """Create what is missing: the file with its folders, and the schema.

        Raises:
            LedgerReadOnly: The file or its folder cannot be written.
            LedgerUnavailable: The database cannot be reached, or the file cannot be opened.
            LedgerTooNew: The schema belongs to a newer Baton.
            LedgerOutdated: The schema is older, and only the command upgrades it.
        """
        found = await self._guard.run(self._backend.prepare())
        check_version(self.name, found.number)
        if found.lacks(SCHEMA_VERSION):
            require_upgrades(self.name, found, self._upgrades)
            await self._bring_to(SCHEMA_VERSION)

    async def upgrade(self, to: int) -> SchemaVersion:
        """Create what is missing, and bring the schema to a version; return the version that it had.

        Raises:
            LedgerReadOnly: The file or its folder cannot be written.
            LedgerUnavailable: The database cannot be reached, or another process holds it.
            LedgerTooNew: The schema belongs to a newer Baton.
        """
        found = await self._guard.run(self._backend.prepare())
        return await self._bring_to(to) if found.lacks(to) else found

    async def _bring_to(self, version: int) -> SchemaVersion:
        """Upgrade, however long it takes, and say from time to time that it is under way."""
        upgrade = asyncio.ensure_future(self._guard.run(self._backend.upgrade(version), limited=False))
        try:
            while not (await asyncio.wait({upgrade}, timeout=PROGRESS_INTERVAL))[0]:
                _log.info("the upgrade of the ledger at %s is still under way", self.name)
        finally:
            upgrade.cancel()
        return await upgrade

    async def close(self) -> None:
        """Close every connection. Repeating it is harmless."""
        await self._guard.drain()
        await self._backend.close()

    async def check(self) -> None:
        """Check that the database answers and that its schema is known.

        Raises:
            LedgerUnavailable: It does not answer, or the schema is gone.
            LedgerTooNew: A newer Baton has upgraded it.
        """
        check_version(self.name, await self._guard.run(self._backend.read(read_version)))

    async def read(self, *queries: Query) -> Sequence[RowMapping]:
        """Return the rows of the first query that has any.

        Raises:
            LedgerUnavailable: The database did not answer.
        """
        return await self._guard.run(self._backend.read(lambda connection: _first_rows(connection, queries)))

    async def execute(self, statement: UpdateBase, values: Mapping[str, Any] | None = None) -> int:
        """Run one statement that writes; return how many rows it changed.

        Raises:
            LedgerUnavailable: The database did not answer; whether the statement was done is unknown.
            LedgerRefused: The database refuses these rows.
        """
        return await self.write(lambda connection: connection.execute(statement, values).rowcount)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction: an error rolls all of it back.

        On SQLite it runs in a thread, together with other writes of this process.

        Raises:
            LedgerUnavailable: The database did not answer; whether the work was done is unknown.
            LedgerRefused: The database refuses these rows.
        """
        return await self._guard.run(self._backend.write(work))


def _first_rows(connection: Connection, queries: Sequence[Query]) -> Sequence[RowMapping]:
    rows: Sequence[RowMapping] = []
    for query in queries:
        statement, values = query if isinstance(query, tuple) else (query, None)
        rows = connection.execute(statement, values).mappings().all()
        if rows:
            break
    return rows
