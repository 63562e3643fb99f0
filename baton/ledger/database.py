"""The ledger's database: reads and writes, both with a timeout."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Select, UpdateBase

from baton.ledger.completeness import distrust
from baton.ledger.engine import WRITE_TRANSACTION, build_engine, build_writer, is_sqlite, parse_url, public_name
from baton.ledger.group_commit import GroupCommit
from baton.ledger.guard import Guard
from baton.ledger.setup import check_version, prepare_schema, read_version
from baton.ledger.sqlite_file import SqliteFile

T = TypeVar("T")
_log = logging.getLogger(__name__)


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
        self._guard = Guard(self.name, timeout)
        self._file: SqliteFile | None = None
        self._group: GroupCommit | None = None
        self._reopening = asyncio.Lock()
        if is_sqlite(self._url):
            self._file = SqliteFile(Path(str(self._url.database)))
            self._group = GroupCommit(build_writer(self._url, timeout), self._reopen_if_replaced, self._file.is_current)

    @property
    def dialect(self) -> str:
        """The name of the SQL dialect: `sqlite` or `postgresql`."""
        return self._engine.dialect.name

    async def prepare(self) -> None:
        """Create what is missing: the file with its folders, and the schema.

        Raises:
            LedgerReadOnly: The file or its folder cannot be written.
            LedgerUnavailable: The database cannot be reached, or the file cannot be opened.
            LedgerTooNew: The schema belongs to a newer Baton.
        """
        await self._guard.run(self._prepare())

    async def _prepare(self) -> None:
        if self._file:
            await asyncio.to_thread(self._file.prepare)
        await prepare_schema(self._engine, self._writer, self.name)
        if self._file:
            self._file.note_opened()

    async def _reopen_if_replaced(self) -> None:
        """Open the file again if the one that is open was deleted or replaced."""
        if self._file is None or self._file.is_current():
            return
        async with self._reopening:
            if not self._file.is_current():
                await self._reopen(self._file)
                _log.warning("the ledger's file was deleted or replaced; opened %s again", self.name)

    async def _reopen(self, file: SqliteFile) -> None:
        # While the old connections are open, no new log can get the inode of the old one and be taken for it.
        await asyncio.to_thread(file.prepare)
        await self._engine.dispose()
        if self._group:
            await self._group.disconnect()
        await prepare_schema(self._engine, self._writer, self.name)
        if file.seen_at:
            async with self._writer.begin() as connection:
                await connection.run_sync(distrust, file.seen_at)
        file.note_opened()

    async def close(self) -> None:
        """Close every connection. Repeating it is harmless."""
        await self._guard.drain()
        if self._group:
            await self._group.close()
        await self._engine.dispose()

    async def check(self) -> None:
        """Check that the database answers and that its schema is known.

        Raises:
            LedgerUnavailable: It does not answer, or the schema is gone.
            LedgerTooNew: A newer Baton has upgraded it.
        """
        check_version(self.name, await self._guard.run(self._read_version()))

    async def _read_version(self) -> int:
        await self._reopen_if_replaced()
        return await read_version(self._engine)

    async def read(self, *queries: Select[Any]) -> Sequence[RowMapping]:
        """Return the rows of the first query that has any.

        Raises:
            LedgerUnavailable: The database did not answer.
        """
        return await self._guard.run(self._read(queries))

    async def _read(self, queries: Sequence[Select[Any]]) -> Sequence[RowMapping]:
        await self._reopen_if_replaced()
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
        return await self.write(lambda connection: connection.execute(statement).rowcount)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction: an error rolls all of it back.

        On SQLite it runs in a thread, together with other writes of this process.

        Raises:
            LedgerUnavailable: The database did not answer; whether the work was done is unknown.
            LedgerRefused: The database refuses these rows.
        """
        return await self._guard.run(self._write(work))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        if self._group:
            return await self._group.run(work)
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)
