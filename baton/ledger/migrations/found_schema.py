"""What a database has before a migration, also where the migration only writes its SQL."""

from typing import NamedTuple, Self

from alembic import context
from sqlalchemy import Connection, inspect


class FoundSchema(NamedTuple):
    """The tables of a database, with their columns, and their indexes, with their columns in order.

    Attributes:
        tables: The columns of each table by its name.
        indexes: The columns of each index by its name.
    """

    tables: dict[str, set[str]]
    indexes: dict[str, list[str]]

    @classmethod
    def read(cls, connection: Connection, prefix: str = "baton_") -> Self:
        """Look at the tables whose names begin with a prefix."""
        inspector = inspect(connection)
        names = [name for name in inspector.get_table_names() if name.startswith(prefix)]
        return cls(
            {name: {str(column["name"]) for column in inspector.get_columns(name)} for name in names},
            {
                str(index["name"]): [str(column) for column in index["column_names"]]
                for name in names
                for index in inspector.get_indexes(name)
            },
        )


def real_connection() -> Connection:
    """Return the connection to the database; `op.get_bind` gives another one where SQL is only written."""
    connection: Connection = context.config.attributes["connection"]
    return connection
