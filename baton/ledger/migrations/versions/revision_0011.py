"""Make schema version 11, or add what an older ledger lacks of it.

Versions 1 to 10 were made without Alembic. None of them has anything that version 11 has not, except the payments of
version 2, so what a ledger lacks is found by looking at it.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from alembic import op
from sqlalchemy import Column, Table, case, cast, func, select, text, update

from baton.ledger.migrations import refuse_downgrade
from baton.ledger.migrations.found_schema import FoundSchema, real_connection
from baton.ledger.migrations.version_11 import metadata
from baton.ledger.migrations.version_11.chains import sources
from baton.ledger.migrations.version_11.columns import TEXT
from baton.ledger.migrations.version_11.orders import orders, payments, quote_index

revision = "0011"
down_revision = None

_OLD_PAYMENTS = "baton_payments"
_COMPLETE_SINCE = text(
    "INSERT INTO baton_properties (name, value) VALUES ('complete_since', :at) ON CONFLICT DO NOTHING"
)
_log = logging.getLogger("baton.ledger.migrations")


def upgrade() -> None:
    """Create the tables that are missing, then the columns and indexes of those that are there."""
    found = FoundSchema.read(real_connection())
    for table in metadata.sorted_tables:
        if table.name not in found.tables:
            op.get_context().impl.create_table(table)
        else:
            _complete(table, found)
    if _OLD_PAYMENTS in found.tables:
        _move_payments()
    is_new = orders.name not in found.tables
    op.execute(_COMPLETE_SINCE.bindparams(at=None if is_new else datetime.now(UTC).isoformat()))


def downgrade() -> None:
    """Refuse to go back."""
    refuse_downgrade()


def _complete(table: Table, found: FoundSchema) -> None:
    for column in table.columns:
        if column.name not in found.tables[table.name]:
            _log.info("adding the column %s to %s", column.name, table.name)
            op.add_column(table.name, Column(column.name, column.type))
            if column is quote_index.c.address_key:
                _fill_address_keys()
            if column is sources.c.recipient:
                _fill_recipients()
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        columns = found.indexes.get(str(index.name))
        if columns == index.columns.keys():
            continue
        _log.info("making the index %s of %s", index.name, table.name)
        if columns is not None:  # version 11 widened some that versions 9 and 10 had, under the same names
            op.drop_index(str(index.name), table.name)
        op.get_context().impl.create_index(index)


def _fill_address_keys() -> None:
    """Write the address key of every quote: addresses of EVM chains in lower case, all others as they are."""
    address = quote_index.c.deposit_address
    key = case((func.lower(func.substr(address, 1, 2)) == "0x", func.lower(address)), else_=address)
    op.execute(update(quote_index).values(address_key=key))


def _fill_recipients() -> None:
    """Write the recipient of every address and link, as its request names it."""
    found = real_connection().execute(select(sources.c.workflow_id, cast(sources.c.request, TEXT))).all()
    names = ("recipientSparkAddress", "destinationAddress", "recipientAddress")
    for workflow_id, text_of_request in found:
        request = _document(text_of_request)
        recipient = next((request[name] for name in names if isinstance(request.get(name), str)), None)
        if recipient is not None:
            op.execute(update(sources).where(sources.c.workflow_id == workflow_id).values(recipient=recipient))


def _document(text_of_request: str) -> dict[str, Any]:
    """Return a request; an empty one in place of what is none, which must not keep a ledger from its upgrade."""
    try:
        document = json.loads(text_of_request)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _move_payments() -> None:
    """Move the payments of version 2, one for each invoice, to one for each order."""
    columns = "account, workflow_id, payer"
    op.execute(
        f"INSERT INTO {payments.name} ({columns}, cents, asked_at) "  # noqa: S608 - names from here alone
        f"SELECT {columns}, MAX(cents), MAX(asked_at) FROM {_OLD_PAYMENTS} GROUP BY {columns}"
    )
    op.drop_table(_OLD_PAYMENTS)
