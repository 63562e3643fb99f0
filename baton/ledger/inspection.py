"""Looks at a ledger without changing it: no file, no schema and no upgrade is made."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from baton.ledger.backends import PostgresqlBackend
from baton.ledger.engine import build_sqlite_engine, is_sqlite, parse_url, public_name
from baton.ledger.errors import LedgerUnavailable
from baton.ledger.schema import SCHEMA_VERSION
from baton.ledger.setup import stored_version


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
        version: The version of its schema; 0 if there is none.
        file: The file of a SQLite ledger.
    """

    name: str
    state: LedgerState
    version: int
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
    name = public_name(parsed)
    file = Path(parsed.database or "") if is_sqlite(parsed) else None
    if file is not None and not file.exists():
        return LedgerInspection(name, LedgerState.ABSENT, 0, file)
    try:
        async with asyncio.timeout(timeout):
            if file is not None:
                version = await asyncio.to_thread(_version_of_file, url, timeout)
            else:
                version = await _version_of_server(url, name, timeout)
    except TimeoutError:
        raise LedgerUnavailable(name, f"no answer within {timeout:g} s") from None
    except (SQLAlchemyError, OSError) as error:
        raise LedgerUnavailable(name, str(getattr(error, "orig", error)).splitlines()[0]) from None
    return LedgerInspection(name, _state_of(version), version, file)


def _state_of(version: int) -> LedgerState:
    if version == 0:
        return LedgerState.ABSENT
    if version == SCHEMA_VERSION:
        return LedgerState.CURRENT
    return LedgerState.OLDER if version < SCHEMA_VERSION else LedgerState.NEWER


def _version_of_file(url: str, seconds: float) -> int:
    engine = build_sqlite_engine(parse_url(url), seconds)
    try:
        with engine.connect() as connection:
            return stored_version(connection)
    finally:
        engine.dispose()


async def _version_of_server(url: str, name: str, seconds: float) -> int:
    backend = PostgresqlBackend(parse_url(url), name, seconds, connections=1)
    try:
        return await backend.read(stored_version)
    finally:
        await backend.close()
