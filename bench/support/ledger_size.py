"""How large a ledger is: its rows by table, and its bytes on disk."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql


class LedgerSize(NamedTuple):
    """The size of a ledger.

    Attributes:
        rows: Rows by table.
        table_bytes: Bytes of the tables and of their long values.
        index_bytes: Bytes of the indexes; 0 on SQLite, whose file does not tell them apart.
        log_bytes: Bytes of write-ahead log ever written; 0 on SQLite.
        commits: Transactions ever committed; 0 on SQLite.
        feed_writes: Transactions that wrote to the feed of events.
    """

    rows: Mapping[str, int]
    table_bytes: int
    index_bytes: int = 0
    log_bytes: int = 0
    commits: int = 0
    feed_writes: int = 0

    @property
    def total_bytes(self) -> int:
        """Bytes of tables and indexes together."""
        return self.table_bytes + self.index_bytes


_TABLES = r"SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'baton\_%' ORDER BY 1"
_SQLITE_TABLES = r"SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'baton\_%' ESCAPE '\' ORDER BY 1"

_SIZES = r"""
SELECT coalesce(sum(pg_table_size(oid)), 0), coalesce(sum(pg_indexes_size(oid)), 0)
FROM pg_class WHERE relkind = 'r' AND relname LIKE 'baton\_%'
"""

_FEED_WRITES = "SELECT count(*) FROM (SELECT DISTINCT workflow_id, written_at FROM baton_events) AS writes"

_WORK = """
SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, xact_commit
FROM pg_stat_database WHERE datname = current_database()
"""


def postgres_size(url: str, *, compact: bool = False) -> LedgerSize:
    """Return the size of a ledger on PostgreSQL.

    Args:
        url: The database.
        compact: Rewrite the tables first, so that rows that were replaced take no space.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        if compact:
            connection.execute("VACUUM FULL")
        rows = {name: _count(connection, name) for (name,) in connection.execute(_TABLES).fetchall()}
        sizes, work, writes = (connection.execute(query).fetchone() for query in (_SIZES, _WORK, _FEED_WRITES))
    assert sizes is not None
    assert work is not None
    assert writes is not None
    return LedgerSize(rows, *map(int, (*sizes, *work, *writes)))


def sqlite_size(file: Path) -> LedgerSize:
    """Return the size of a ledger in a file, without the pages that it has free."""
    with closing(sqlite3.connect(file)) as connection:
        tables = [name for (name,) in connection.execute(_SQLITE_TABLES)]
        rows = {name: _only(connection, f"SELECT count(*) FROM {name}") for name in tables}  # noqa: S608 - own tables
        used = _only(connection, "PRAGMA page_count") - _only(connection, "PRAGMA freelist_count")
        size = used * _only(connection, "PRAGMA page_size")
        return LedgerSize(rows, size, feed_writes=_only(connection, _FEED_WRITES))


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert found is not None
    return int(found[0])


def _only(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])
