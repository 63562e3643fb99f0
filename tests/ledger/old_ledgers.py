"""Ledgers as older versions of Baton wrote them, and what is in a database.

The files in `old_versions/` are dumps of ledgers that the code of that version made, with two rows in each table.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import Connection, create_engine, inspect, text

from tests.ledger.conftest import sqlite_path

_FOLDER = Path(__file__).parent / "old_versions"

Contents = dict[str, set[tuple[str, ...]]]


def run_script(url: str, script: str) -> None:
    """Run SQL statements outside the ledger; a SQLite file is made if there is none."""
    if url.startswith("sqlite"):
        Path(sqlite_path(url)).parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
            connection.executescript(script)
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script)


def make_old_ledger(url: str, version: int) -> None:
    """Make a ledger of an older schema version, with rows in every table, in an empty database."""
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    run_script(url, (_FOLDER / f"version_{version}_{kind}.sql").read_text())


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Yield a transaction outside the ledger."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def columns(url: str) -> dict[str, list[str]]:
    """Return the columns of every table of Baton."""
    with connected(url) as connection:
        inspector = inspect(connection)
        names = [name for name in inspector.get_table_names() if name.startswith("baton_")]
        return {name: sorted(column["name"] for column in inspector.get_columns(name)) for name in names}


def contents(url: str, of: dict[str, list[str]]) -> Contents:
    """Return the rows of tables with these columns, each value as text."""
    found: Contents = {}
    with connected(url) as connection:
        for table, names in of.items():
            selected = ", ".join(f'"{name}"' for name in names)
            rows = connection.execute(text(f"SELECT {selected} FROM {table}"))
            found[table] = {tuple(map(str, row)) for row in rows}
    return found


def definitions(url: str) -> list[str]:
    """Return how the database itself defines the tables, columns, keys and indexes of Baton."""
    with connected(url) as connection:
        if url.startswith("sqlite"):
            found = "SELECT name || ': ' || coalesce(sql, '') FROM sqlite_master WHERE name LIKE 'baton_%'"
        else:
            found = (
                "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) "
                "FROM information_schema.columns WHERE table_name LIKE 'baton_%' "
                "UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'baton_%'"
            )
        return sorted(" ".join(str(line).split()) for line in connection.scalars(text(found)))
