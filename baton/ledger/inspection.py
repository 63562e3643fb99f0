"""Looks at a ledger without changing it: no file, no schema and no upgrade is made."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeVar

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError

from baton.ledger.backends import PostgresqlBackend
from baton.ledger.engine import build_sqlite_engine, is_sqlite, parse_url, public_name
from baton.ledger.errors import LedgerUnavailable
from baton.ledger.guard import translate
from baton.ledger.schema import SCHEMA_VERSION
from baton.ledger.setup import SchemaVersion, check_version, stored_version

T = TypeVar("T")


class LedgerState(StrEnum):
    """What a look at a ledger finds."""

    ABSENT = "absent"
    """There is no file, or no schema in the database."""
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


class LedgerInspection(NamedTuple):
    """What a look at a ledger found.

    Attributes:
        name: The ledger, without its password.
        state: How its schema compares with the one of this version of Baton.
        version: The version of its schema.
        file: The file of a SQLite ledger.
    """

    name: str
    state: LedgerState
    version: SchemaVersion
    file: Path | None


async def inspect_ledger(url: str, timeout: float) -> LedgerInspection:  # noqa: ASYNC109 - it limits the wait for locks
    """Return the state of a ledger.

    Args:
        url: The ledger's URL as the user wrote it.
        timeout: Seconds that this may take.

    Raises:
        LedgerUrlError: The URL cannot be used.
        LedgerUnavailable: The database cannot be reached, or the file is none.
    """
    parsed = parse_url(url)
    file = Path(parsed.database or "") if is_sqlite(parsed) else None
    version = await _look(parsed, timeout, stored_version)
    return LedgerInspection(public_name(parsed), _state_of(version), version, file)


async def upgrade_sql(url: str, timeout: float, to: int) -> str:  # noqa: ASYNC109 - it limits the wait for locks
    """Return the SQL that would bring a ledger to a schema version; empty if it has it already.

    Args:
        url: The ledger's URL as the user wrote it.
        timeout: Seconds that this may take.
        to: The schema version.

    Raises:
        LedgerUrlError: The URL cannot be used.
        LedgerUnavailable: The database cannot be reached, or the file is none.
        LedgerTooNew: The ledger belongs to a newer Baton.
    """
    parsed = parse_url(url)
    name = public_name(parsed)

    def write_sql(connection: Connection) -> str:
        from baton.ledger.migrator import migration_sql

        found = stored_version(connection)
        check_version(name, found.number)
        return migration_sql(connection, found, to) if found.lacks(to) else ""

    return await _look(parsed, timeout, write_sql)


def _state_of(version: SchemaVersion) -> LedgerState:
    if version.number == 0:
        return LedgerState.ABSENT
    if version.number > SCHEMA_VERSION:
        return LedgerState.NEWER
    return LedgerState.OLDER if version.lacks(SCHEMA_VERSION) else LedgerState.CURRENT


async def _look(url: URL, seconds: float, work: Callable[[Connection], T]) -> T:
    """Run work that only reads; where there is no file, in an empty database."""
    name = public_name(url)
    try:
        async with asyncio.timeout(seconds):
            if is_sqlite(url):
                return await asyncio.to_thread(_look_into_file, url, seconds, work)
            return await _look_into_server(url, name, seconds, work)
    except TimeoutError:
        raise LedgerUnavailable(name, f"no answer within {seconds:g} s") from None
    except (SQLAlchemyError, OSError) as error:
        raise translate(name, error) from None


def _look_into_file(url: URL, seconds: float, work: Callable[[Connection], T]) -> T:
    exists = Path(url.database or "").exists()
    engine = build_sqlite_engine(url, seconds) if exists else create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            return work(connection)
    finally:
        engine.dispose()


async def _look_into_server(url: URL, name: str, seconds: float, work: Callable[[Connection], T]) -> T:
    backend = PostgresqlBackend(url, name, seconds, connections=1)
    try:
        return await backend.read(work)
    finally:
        await backend.close()
