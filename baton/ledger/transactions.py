"""The ledger's writes of more than one statement; each runs within the transaction of its connection."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert

from baton.encoding.addresses import address_key
from baton.ledger import statements
from baton.ledger.errors import LedgerConflict
from baton.ledger.events import is_past, put_events
from baton.ledger.fee_payouts import put_payouts
from baton.ledger.order_keys import put_keys
from baton.ledger.prepared import run, run_all
from baton.ledger.rows import (
    LATE,
    DeliveryRow,
    EventRow,
    FeePayoutRow,
    OrderEntry,
    OrderKeyRow,
    OrderRow,
    QuoteEntry,
    TransitionRow,
    columns_of,
)
from baton.ledger.schema import deliveries, order_index, quote_index
from baton.ledger.timeline import in_order, is_news

IndexEntry = QuoteEntry | OrderEntry


def put_order(
    connection: Connection,
    row: OrderRow,
    timeline: Sequence[TransitionRow],
    index: Sequence[IndexEntry],
    fees: Sequence[FeePayoutRow] = (),
    events: Sequence[EventRow] = (),
    keys: Sequence[OrderKeyRow] = (),
) -> bool:
    """Write an order with all that belongs to it, unless its row is newer; return whether it did."""
    if run(connection, statements.upsert_order(connection.dialect.name), columns_of(row)).rowcount == 0:
        return False
    recorded = {"of_workflow": row.workflow_id, "opened_at": row.created_at, "late": LATE}
    run(connection, statements.delete_recorded_transitions(), recorded)
    run_all(connection, statements.insert_transition(), [columns_of(step) for step in timeline])
    add_entries(connection, index)
    put_payouts(connection, fees)
    put_keys(connection, keys)
    # Last: the lock that keeps events in order is held until the transaction ends.
    if not is_past(row.closed_at):
        put_events(connection, row.workflow_id, events)
    return True


def add_entries(connection: Connection, index: Sequence[IndexEntry]) -> None:
    """Write the entries of the index that are missing; none is changed."""
    for entry in index:
        table, _, _ = _place_of(entry)
        run(connection, statements.insert_once(connection.dialect.name, table), index_values(entry))


MakeLateEvent = Callable[[OrderRow | None, DeliveryRow, TransitionRow, int], EventRow]
"""Makes the event of a late status: from the order's row, the webhook, the status, and how often it came so far."""


def put_late(
    connection: Connection,
    delivery: DeliveryRow,
    late: TransitionRow | None,
    make_event: MakeLateEvent | None = None,
) -> bool:
    """Write a late delivery, and its status with an event of it if that is news; return whether it was."""
    connection.execute(insert(deliveries), delivery.model_dump(exclude={"id"}))
    if late is None:
        return False
    connection.execute(statements.order_lock(late.workflow_id))
    rows = connection.execute(statements.transitions_of(late.workflow_id))
    timeline = in_order(TransitionRow.model_validate(dict(row)) for row in rows.mappings())
    if not is_news(timeline, late):
        return False
    run(connection, statements.insert_transition(), columns_of(late))
    if make_event is not None:
        found = connection.execute(statements.order_of(late.workflow_id)).mappings().one_or_none()
        order = OrderRow.model_validate(dict(found)) if found else None
        number = 1 + sum(step.status == late.status for step in timeline)
        put_events(connection, late.workflow_id, [make_event(order, delivery, late, number)])
    return True


def late_transition(row: DeliveryRow, at: datetime | None) -> TransitionRow | None:
    """Return the status that a late delivery reports; None if it has none.

    Raises:
        ValueError: The delivery names no workflow.
    """
    if row.workflow_id is None:
        raise ValueError("a late delivery must name its workflow")
    if row.status is None:
        return None
    return TransitionRow(
        workflow_id=row.workflow_id,
        order_id=row.order_id,
        status=row.status,
        at=at or row.event_timestamp or row.received_at,
        source=LATE,
    )


def claim(connection: Connection, entry: IndexEntry) -> None:
    """Write an entry of the index.

    Raises:
        LedgerConflict: It belongs to another workflow, and stays as it was.
    """
    table, kind, key = _place_of(entry)
    statement = statements.upsert_entry(connection.dialect.name, table)
    if run(connection, statement, index_values(entry)).rowcount == 0:
        holder = connection.scalar(statements.holder(table), {"account": entry.account, "key": key})
        raise LedgerConflict(kind, key, account=entry.account, holder=str(holder), claimant=entry.workflow_id)


def index_values(entry: IndexEntry) -> dict[str, Any]:
    """Return the columns of an entry of the index."""
    if isinstance(entry, OrderEntry):
        return columns_of(entry)
    address = entry.deposit_address
    return {**columns_of(entry), "address_key": address_key(address) if address else None}


def _place_of(entry: IndexEntry) -> tuple[Table, str, str]:
    if isinstance(entry, OrderEntry):
        return order_index, "order", entry.order_id
    return quote_index, "quote", entry.quote_id
