"""The keys by which orders are found, as `put_order` writes them."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from baton.ledger.prepared import run_all
from baton.ledger.rows import OrderKeyRow, columns_of
from baton.ledger.schema import order_keys


def put_keys(connection: Connection, keys: Sequence[OrderKeyRow]) -> None:
    """Write the keys of an order; those that are there count for its present run from now on."""
    run_all(connection, _upsert(connection.dialect.name), [columns_of(key) for key in keys])


@cache
def _upsert(dialect: str) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert(order_keys) if dialect == "postgresql" else sqlite.insert(order_keys)
    opened_at = insert.excluded.opened_at
    return insert.on_conflict_do_update(
        index_elements=[column.name for column in order_keys.primary_key],
        set_={"opened_at": opened_at},
        where=order_keys.c.opened_at < opened_at,
    )
