"""The read model's rows of an order, made from its snapshot. Pure."""

from baton.ledger.rows import OrderRow, TransitionRow
from baton.orders.answers import Snapshot


def order_row(snapshot: Snapshot) -> OrderRow:
    """Return the order's row."""
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
    """Return one row for each status the order was in."""
    return [
        TransitionRow(
            workflow_id=snapshot.workflow_id,
            order_id=snapshot.order_id,
            position=position,
            status=transition.status,
            at=transition.at,
            source=transition.source,
        )
        for position, transition in enumerate(snapshot.transitions)
    ]


_SHARED = set(OrderRow.model_fields) & set(Snapshot.model_fields) - {
    "attention",
    "waiting_for",
    "updated_at",
}
