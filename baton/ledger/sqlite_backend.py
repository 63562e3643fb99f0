"""A SQLite ledger: blocking connections in threads of their own, and the file opened again when it was replaced.

A read is one hop to a thread and back, whatever it takes there. Writes share transactions (`group_commit.py`).
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection

from baton.ledger.completeness import distrust
from baton.ledger.engine import WRITE_TRANSACTION, build_sqlite_engine
from baton.ledger.group_commit import GroupCommit
from baton.ledger.schema import SCHEMA_VERSION
from baton.ledger.schema_upgrade import SchemaUpgrade
from baton.ledger.setup import SchemaVersion, Upgrades, check_version, require_upgrades, stored_version, write_ahead
from baton.ledger.sqlite_file import SqliteFile

_READERS = 4
"""Reads at the same time."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


class SqliteBackend:
    """A SQLite file.

    Args:
        url: Where it is.
        name: The ledger's name in errors and in the log.
        timeout: Seconds that one operation may take, including waits for locks.
        upgrades: How a file that takes the place of the open one gets the schema that it lacks.
    """

    dialect = "sqlite"

    def __init__(self, url: URL, name: str, timeout: float, upgrades: Upgrades = "start") -> None:
        self._name = name
        self._upgrades = upgrades
        self._timeout = timeout
        self._file = SqliteFile(Path(str(url.database)))
        self._engine = build_sqlite_engine(url, timeout)
        self._writer = build_sqlite_engine(url, timeout).execution_options(**WRITE_TRANSACTION)
        self._group = GroupCommit(self._writer, self._reopen_if_replaced, self._file.is_current)
        # Not the loop's own threads, which other blocking calls may use up.
        self._readers = ThreadPoolExecutor(max_workers=_READERS, thread_name_prefix="ledger-read")
        self._reopening = asyncio.Lock()
        self._closed = False

    async def prepare(self) -> SchemaVersion:
        """Create the file if there is none; return the version of its schema."""
        found = await self._in_thread(self._prepare)
        self._file.note_opened()
        return found

    async def upgrade(self, to: int) -> SchemaVersion:
        """Bring the schema to a version; return the version that it had."""
        upgrade = SchemaUpgrade(self._writer, self._name, to)
        try:
            return await self._in_thread(upgrade.run)
        finally:
            upgrade.stop()
            self._file.note_log()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run work that only reads, and return its result.

        Raises:
            OSError: The ledger is closed.
        """
        if self._closed:
            raise OSError("it is closed")
        await self._reopen_if_replaced()
        return await self._in_thread(self._run, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction that other writes may share, and return its result once it is committed."""
        return await self._group.run(work)

    async def close(self) -> None:
        """Close every connection."""
        self._closed = True
        await self._group.close()
        await asyncio.to_thread(self._engine.dispose)
        self._readers.shutdown(wait=False)

    async def _in_thread(self, call: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, call, *arguments)

    def _run(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return work(connection)

    def _prepare(self) -> SchemaVersion:
        self._file.prepare()
        write_ahead(self._engine, self._timeout)
        return self._run(stored_version)

    async def _reopen_if_replaced(self) -> None:
        """Open the file again if the one that is open was deleted or replaced."""
        if self._file.is_current():
            return
        async with self._reopening:
            if not self._file.is_current():
                await self._reopen()
                _log.warning("the ledger's file was deleted or replaced; opened %s again", self._name)

    async def _reopen(self) -> None:
        # While the old connections are open, no new log can get the inode of the old one and be taken for it.
        await self._in_thread(self._file.prepare)
        await self._in_thread(self._engine.dispose)
        await self._group.disconnect()
        await self._in_thread(self._prepare_new_file)
        self._file.note_opened()

    def _prepare_new_file(self) -> None:
        write_ahead(self._engine, self._timeout)
        found = self._run(stored_version)
        if found.lacks(SCHEMA_VERSION):
            require_upgrades(self._name, found, self._upgrades)
            SchemaUpgrade(self._writer, self._name, patience=self._timeout).run()
        check_version(self._name, found.number)
        if self._file.seen_at:
            with self._writer.begin() as connection:
                distrust(connection, self._file.seen_at)
