"""The engine for a ledger URL: its driver, its settings, and a name without secrets.

SQLite runs in write-ahead mode with normal synchronisation: readers and one writer do not block each other, and a crash
of the process loses no committed write. A power cut may lose the last writes; the next write of each order restores its
row.
"""

import math
from typing import Any, cast
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from baton.ledger.errors import LedgerUrlError
from baton.ledger.login import LatePassword, LedgerUrl
from baton.redaction import remember

WRITE_TRANSACTION = {"baton_begin": "BEGIN IMMEDIATE"}
"""Execution options of transactions that write."""

NO_TRANSACTION = {"baton_begin": ""}
"""Execution options of statements that SQLite runs only outside transactions."""

CONNECTIONS = 15
"""How many connections to PostgreSQL a process may hold by default."""
CONNECTIONS_KEPT = 5
"""How many of them stay open while nothing needs them."""

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_EXAMPLES = "sqlite:///path/to/ledger.db or postgresql://user:password@host:5432/database"
_PREPARE = "prepare_threshold"
_LOCK_SHARE = 0.8
"""Part of the timeout that SQLite may wait for a lock, so that its own error comes before ours."""


def parse_url(text: str) -> URL:
    """Return a ledger URL with its driver.

    Raises:
        LedgerUrlError: It is not a URL, names an unknown database or no file, or has a plain @ in its password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise LedgerUrlError(f"the ledger URL cannot be read; it looks like {_EXAMPLES}") from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise LedgerUrlError(f"the ledger cannot use {url.drivername}; use {_EXAMPLES}")
    remember(url.password or "", *url.normalized_query.get("password", ()))
    url = url.set(drivername=driver)
    check = _check_sqlite if is_sqlite(url) else _check_postgresql
    check(url)
    # SQLAlchemy takes any object for a password that can be made a text.
    return url.set(password=cast(str, LatePassword(text.password))) if isinstance(text, LedgerUrl) else url


def _check_sqlite(url: URL) -> None:
    if url.host:
        raise LedgerUrlError(
            f"a SQLite URL has three slashes before the file, four when its path is absolute: {_EXAMPLES}"
        )
    file = url.database or ""
    if file in ("", ":memory:") or file.startswith("file:") or "mode" in url.query:
        raise LedgerUrlError(
            "a SQLite ledger needs a plain file that every process can open: sqlite:///path/to/ledger.db"
        )


def _check_postgresql(url: URL) -> None:
    if "@" in (url.host or ""):
        raise LedgerUrlError("the ledger URL has a password with an @ in it; write it as %40")
    for value in url.normalized_query.get(_PREPARE, ()):
        if value != "none" and not value.isdecimal():
            raise LedgerUrlError(f"{_PREPARE} in the ledger URL is a number, or none behind a pool of transactions")


def is_sqlite(url: URL) -> bool:
    """Whether the ledger is a SQLite file."""
    return url.get_backend_name() == "sqlite"


def public_name(url: URL) -> str:
    """Return the ledger's name in errors and logs: its location, without password and options."""
    if is_sqlite(url):
        return f"sqlite:///{url.database}"
    user = f"{url.username}@" if url.username else ""
    host = url.host or url.normalized_query.get("host", ("",))[0]
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{user}{host}{port}/{url.database or ''}"


def build_postgresql_engine(url: URL, timeout: float, connections: int) -> AsyncEngine:
    """Return an engine that has no connection yet.

    Args:
        url: Where the server is.
        timeout: Seconds that a wait for a connection may take.
        connections: How many connections it may hold at the same time.
    """
    engine = create_async_engine(_without_own(url), **_postgresql_options(url, timeout, connections))
    _ask_for_password(engine.sync_engine)
    return engine


def build_blocking_postgresql_engine(url: URL, timeout: float) -> Engine:
    """Return an engine whose calls block, for one connection; `timeout` in seconds limits waits for it."""
    engine = create_engine(_without_own(url), **_postgresql_options(url, timeout, connections=1))
    _ask_for_password(engine)
    return engine


def _postgresql_options(url: URL, timeout: float, connections: int) -> dict[str, Any]:
    kept = min(connections, CONNECTIONS_KEPT)
    defaults = {
        "application_name": "baton-ledger",
        "connect_timeout": math.ceil(timeout),
        "tcp_user_timeout": math.ceil(timeout * 1000),
    }
    return {
        "isolation_level": "READ COMMITTED",
        "pool_pre_ping": True,
        "pool_size": kept,
        "max_overflow": connections - kept,
        "pool_timeout": timeout,
        "hide_parameters": True,
        "connect_args": {name: value for name, value in defaults.items() if name not in url.query} | _prepared(url),
    }


def _without_own(url: URL) -> URL:
    return url.difference_update_query([_PREPARE])


def _prepared(url: URL) -> dict[str, int | None]:
    """Return how many times a statement runs before it is prepared, if the URL says so; None means never."""
    value = url.normalized_query.get(_PREPARE)
    return {_PREPARE: None if value == ("none",) else int(value[0])} if value else {}


def _ask_for_password(engine: Engine) -> None:
    """Let each new connection have the password of now, where that is not part of the URL."""
    late: object = engine.url.password
    if not isinstance(late, LatePassword):
        return

    def set_password(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        options["password"] = late.current()

    event.listen(engine, "do_connect", set_password)


def build_sqlite_engine(url: URL, timeout: float) -> Engine:
    """Return a blocking engine that has no connection yet; `timeout` in seconds limits waits for locks."""
    engine = create_engine(
        _existing_file(url),
        pool_timeout=timeout,
        hide_parameters=True,
        # Without an isolation level the driver begins no transaction by itself; `_begin` does.
        connect_args={"timeout": timeout * _LOCK_SHARE, "isolation_level": None},
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _existing_file(url: URL) -> URL:
    """Return a URL with which SQLite never creates the file, which would then be readable by others."""
    return url.set(database=f"file:{quote(str(url.database))}", query={**url.query, "mode": "rw", "uri": "true"})


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once if another writes in between, whatever the timeout
    # for locks. If it takes the write lock at its beginning, it waits instead.
    statement = connection.get_execution_options().get("baton_begin", "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)
