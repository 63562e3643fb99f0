"""Rows of the read model, written from a snapshot. Pure."""

from baton.ledger.rows import OrderRow, TransitionRow
from baton.orders.answers import Snapshot


def order_row(snapshot: Snapshot) -> OrderRow:
    """Return the row of an order as its snapshot describes it."""
    shared = snapshot.model_dump(include=_SHARED)
    waiting = snapshot.waiting_for
    return OrderRow(
        **shared,
        attention=snapshot.attention.reason if snapshot.attention else None,
        waiting_for=waiting.model_dump(mode="json") if waiting else None,
        next_deadline=waiting.until if waiting else None,
        created_at=snapshot.opened_at,
        updated_at=snapshot.updated_at or snapshot.opened_at,
        snapshot=snapshot.model_dump(mode="json"),
    )


def transition_rows(snapshot: Snapshot) -> list[TransitionRow]:
    """Return the rows of the statuses an order was in."""
    return [
        TransitionRow(
            workflow_id=snapshot.workflow_id,
            order_id=snapshot.order_id,
            position=position,
            status=one.status,
            at=one.at,
            source=one.source,
        )
        for position, one in enumerate(snapshot.transitions)
    ]


_SHARED = set(OrderRow.model_fields) & set(Snapshot.model_fields) - {
    "attention",
    "waiting_for",
    "updated_at",
}
