"""Changes of an older schema that the creation of missing tables does not make: columns and their indexes."""

from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, case, func, inspect, select, text, update

from baton.ledger.feed_schema import events
from baton.ledger.rows import recipient_in
from baton.ledger.schema import deliveries, orders, payments, quote_index, sources

_ADDED_COLUMNS: tuple[Column[Any], ...] = (
    quote_index.c.address_key,
    orders.c.published_at,
    deliveries.c.body,
    orders.c.source,
    sources.c.recipient,
    orders.c.delivery_ms,
    orders.c.hold,
    events.c.trace,
)

_ADDED_INDEXES = ("baton_orders_by_change", "baton_orders_by_attention", "baton_events_by_attention")
"""Those of columns that older ledgers have."""

_OLD_PAYMENTS = "baton_payments"


def upgrade_columns(connection: Connection) -> None:
    """Add the columns and indexes that an older ledger lacks, and fill them. Part of the schema's setup."""
    for column in _ADDED_COLUMNS:
        if not _has_column(connection, column):
            _add_column(connection, column)
            if column is quote_index.c.address_key:
                _fill_address_keys(connection)
            if column is sources.c.recipient:
                _fill_recipients(connection)


def upgrade_indexes(connection: Connection) -> None:
    """Add the indexes that an older ledger lacks. Part of the schema's setup."""
    for table in (orders, events):
        for index in table.indexes:
            if index.name in _ADDED_INDEXES:
                index.create(connection, checkfirst=True)


def upgrade_payments(connection: Connection) -> None:
    """Move the payments of version 2, one for each invoice, to one for each order. Part of the schema's setup."""
    if not inspect(connection).has_table(_OLD_PAYMENTS):
        return
    columns = "account, workflow_id, payer"
    connection.execute(
        text(
            f"INSERT INTO {payments.name} ({columns}, cents, asked_at) "  # noqa: S608 - names from here alone
            f"SELECT {columns}, MAX(cents), MAX(asked_at) FROM {_OLD_PAYMENTS} GROUP BY {columns}"
        )
    )
    connection.execute(text(f"DROP TABLE {_OLD_PAYMENTS}"))


def _has_column(connection: Connection, column: Column[Any]) -> bool:
    return column.name in {found["name"] for found in inspect(connection).get_columns(column.table.name)}


def _add_column(connection: Connection, column: Column[Any]) -> None:
    kind = column.type.compile(connection.dialect)
    connection.execute(text(f"ALTER TABLE {column.table.name} ADD COLUMN {column.name} {kind}"))
    assert isinstance(column.table, Table)
    for index in column.table.indexes:
        if column.name in index.columns:
            index.create(connection)


def _fill_address_keys(connection: Connection) -> None:
    """Write the address key of every quote, as `baton.encoding.addresses.address_key` makes it."""
    address = quote_index.c.deposit_address
    key = case((address.like("0x%"), func.lower(address)), else_=address)
    connection.execute(update(quote_index).values(address_key=key))


def _fill_recipients(connection: Connection) -> None:
    """Write the recipient of every address and link, as its request names it."""
    found = connection.execute(select(sources.c.workflow_id, sources.c.request)).all()
    recipients = [{"of": row.workflow_id, "recipient": recipient_in(row.request)} for row in found]
    if recipients:
        connection.execute(update(sources).where(sources.c.workflow_id == bindparam("of")), recipients)
