"""The ledger's database: reads, and writes in one transaction each, both with a timeout."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import RowMapping, Select, UpdateBase
from sqlalchemy.ext.asyncio import AsyncConnection

from baton.ledger.engine import WRITE_TRANSACTION, build_engine, is_sqlite, parse_url, prepare_file, public_name
from baton.ledger.guard import Guard
from baton.ledger.setup import check_version, prepare_schema, read_version

T = TypeVar("T")
_Lock = AbstractAsyncContextManager[None]


class Database:
    """A database with the ledger's schema.

    Args:
        url: The ledger's URL as the user wrote it.
        timeout: Seconds that one operation may take, including waits for connections and locks.

    Raises:
        LedgerUrlError: The URL cannot be used.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._url = parse_url(url)
        self.name = public_name(self._url)
        self._engine = build_engine(self._url, timeout)
        self._writer = self._engine.execution_options(**WRITE_TRANSACTION)
        # SQLite allows one writer at a time. Those of one process queue here, in order, instead of polling its lock.
        self._write_lock: _Lock = asyncio.Lock() if is_sqlite(self._url) else nullcontext()
        self._guard = Guard(self.name, timeout)

    @property
    def dialect(self) -> str:
        """The name of the SQL dialect: `sqlite` or `postgresql`."""
        return self._engine.dialect.name

    async def prepare(self) -> None:
        """Create what is missing: the file with its folders, and the schema.

        Raises:
            LedgerUnavailable: The database cannot be reached, or the file cannot be opened.
            LedgerTooNew: The schema belongs to a newer Baton.
        """
        await self._guard.run(self._prepare())

    async def _prepare(self) -> None:
        if is_sqlite(self._url):
            await asyncio.to_thread(prepare_file, self._url)
        await prepare_schema(self._engine, self._writer, self.name)

    async def close(self) -> None:
        """Close every connection. Repeating it is harmless."""
        await self._guard.drain()
        await self._engine.dispose()

    async def check(self) -> None:
        """Check that the database answers and that its schema is known.

        Raises:
            LedgerUnavailable: It does not answer, or the schema is gone.
            LedgerTooNew: A newer Baton has upgraded it.
        """
        check_version(self.name, await self._guard.run(read_version(self._engine)))

    async def read(self, *queries: Select[Any]) -> Sequence[RowMapping]:
        """Return the rows of the first query that has any.

        Raises:
            LedgerUnavailable: The database did not answer.
        """
        return await self._guard.run(self._read(queries))

    async def _read(self, queries: Sequence[Select[Any]]) -> Sequence[RowMapping]:
        rows: Sequence[RowMapping] = []
        async with self._engine.connect() as connection:
            for query in queries:
                rows = (await connection.execute(query)).mappings().all()
                if rows:
                    break
        return rows

    async def execute(self, statement: UpdateBase) -> int:
        """Run one statement that writes; return how many rows it changed.

        Raises:
            LedgerUnavailable: The database did not answer; whether the statement was done is unknown.
            LedgerRefused: The database refuses these rows.
        """

        async def run(connection: AsyncConnection) -> int:
            return (await connection.execute(statement)).rowcount

        return await self.write(run)

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` in one transaction: an error rolls all of it back.

        Raises:
            LedgerUnavailable: The database did not answer; whether the work was done is unknown.
            LedgerRefused: The database refuses these rows.
        """
        return await self._guard.run(self._write(work))

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async with self._write_lock, self._writer.begin() as connection:
            return await work(connection)
