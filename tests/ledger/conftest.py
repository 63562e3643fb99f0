"""Fixtures of the ledger's tests: an empty database of each engine, an open ledger, and another process's lock."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from baton.ledger.ledger import Ledger
from tests.postgres import PrivatePostgres, postgres

__all__ = ["postgres"]

Locking = Callable[[str], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def postgres_url(postgres: PrivatePostgres) -> str:
    """Return the URL of a database that these tests share and empty; creating one for each test is slow."""
    return postgres.create_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database, once for each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/ledger.db"
    url: str = request.getfixturevalue("postgres_url")
    _execute(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return url


@pytest_asyncio.fixture
async def ledger(ledger_url: str) -> AsyncIterator[Ledger]:
    """Yield an open, empty ledger."""
    async with await Ledger.open(ledger_url) as opened:
        yield opened


def sqlite_path(url: str) -> str:
    """Return the file of a SQLite URL."""
    return url.removeprefix("sqlite:///")


@pytest.fixture
async def complete_ledger(ledger: Ledger) -> Ledger:
    """Return the ledger, marked as having all orders."""
    await ledger.mark_complete()
    return ledger


@contextmanager
def _locked(url: str) -> Iterator[None]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE baton_orders IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


@pytest.fixture
def locked() -> Locking:
    """Return a context manager that locks the orders as another process would."""
    return _locked


Execute = Callable[[str, str], None]


def _execute(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
            connection.execute(statement)
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def execute() -> Execute:
    """Return a function that runs one SQL statement outside the ledger."""
    return _execute
