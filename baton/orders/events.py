"""The events of an order, made from its snapshot: what a business app is notified of. Pure.

The same order always gives the same ids, so the feed can be made again, and a write that is repeated adds nothing. An
id counts how often a status or a reason came, because a status that is reported late moves the places of others.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from baton.ledger.feed_schema import ATTENTION_RAISED
from baton.ledger.rows import DeliveryRow, Document, EventRow, OrderRow, TransitionRow
from baton.orders.answers import Snapshot

PLACED = "order.placed"
REQUOTED = "order.requoted"
ATTENTION_CLEARED = "order.attention_cleared"
DECISION_WANTED = "order.decision_wanted"
CLOSED = "order.closed"
STOPPED = "order.stopped"

_SHOWN = (
    "kind",
    "phase",
    "status",
    "outcome",
    "reason",
    "order_id",
    "quote_id",
    "deposit_address",
    "deposit_memo",
    "expires_at",
    "source_chain",
    "source_asset",
    "destination_chain",
    "destination_asset",
    "recipient_address",
    "amounts",
    "metadata",
    "received",
    "destination_tx_hash",
    "refund",
    "error",
    "attentions",
    "waiting_for",
    "source",
    "opened_at",
    "updated_at",
    "closed_at",
)
"""The fields of the snapshot that every event carries."""


def events_of(snapshot: Snapshot, document: Document) -> list[EventRow]:
    """Return every event of an order so far, oldest first.

    Args:
        snapshot: The order.
        document: The snapshot as JSON, as its row has it.
    """
    order = snapshot, data_of(document)
    return [*_placed(*order), *_statuses(*order), *_asked(*order), *_end(*order)]


def data_of(document: Document) -> Document:
    """Return the order in short, from its snapshot as JSON."""
    return {name: document[name] for name in _SHOWN if name in document}


def event_id(workflow_id: str, opened_at: datetime, kind: str, key: object) -> str:
    """Return the id of one event of a run of an order, the same whenever it is made."""
    text = f"{workflow_id}|{opened_at.timestamp():.6f}|{kind}|{key}"
    return f"evt_{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"


def stopped_event(snapshot: Snapshot, document: Document, how: str, at: datetime) -> EventRow:
    """Return the event of an order whose workflow was stopped from outside, such as `terminated`."""
    return _event(snapshot, STOPPED, f"{how}|{at.timestamp():.3f}", at, {**data_of(document), "stopped": {"how": how}})


def late_event(order: OrderRow | None, delivery: DeliveryRow, late: TransitionRow, number: int) -> EventRow:
    """Return the event of a status that a webhook reported after the order's workflow had closed.

    Args:
        order: The order's row; None if the ledger has none.
        delivery: The webhook.
        late: The status.
        number: How often the order was in this status, with this time.
    """
    shared = data_of(order.snapshot) if order else {}
    at = late.at or delivery.received_at
    opened_at = order.created_at if order else delivery.received_at
    kind = f"order.{late.status}"
    return EventRow(
        id=event_id(late.workflow_id, opened_at, kind, f"{late.order_id}|{number}"),
        workflow_id=late.workflow_id,
        account=delivery.account,
        reference=order.reference if order else late.workflow_id.split("/", 2)[-1],
        type=kind,
        occurred_at=at,
        data={**shared, "order_id": late.order_id, "transition": _transition(late.status, at, late.source)},
    )


def _event(
    snapshot: Snapshot, kind: str, key: object, at: datetime, data: Document, position: int | None = None
) -> EventRow:
    return _BLANK.model_copy(
        update={
            "id": event_id(snapshot.workflow_id, snapshot.opened_at, kind, key),
            "workflow_id": snapshot.workflow_id,
            "account": snapshot.account,
            "reference": snapshot.reference,
            "type": kind,
            "position": position,
            "occurred_at": at,
            "data": data,
        }
    )


_BLANK = EventRow(id="", workflow_id="", account="", reference="", type="", occurred_at=datetime.fromtimestamp(0, UTC))
"""Copied for each event, because checking the documents of all events again takes long."""


def _placed(snapshot: Snapshot, shared: Document) -> Iterator[EventRow]:
    if snapshot.quotes or snapshot.page or snapshot.order_id:
        first = snapshot.quotes[0].taken_at if snapshot.quotes else None
        yield _event(snapshot, PLACED, "", first or snapshot.opened_at, shared)
    for quote in snapshot.quotes[1:]:
        yield _event(snapshot, REQUOTED, quote.quote_id, quote.taken_at or snapshot.opened_at, shared)


def _statuses(snapshot: Snapshot, shared: Document) -> Iterator[EventRow]:
    """Yield one event for each status, numbered and placed from the order's beginning."""
    times, at = Counter(snapshot.left_out_statuses), snapshot.opened_at
    for position, transition in enumerate(snapshot.transitions, snapshot.transitions_left_out):
        times[transition.status] += 1
        at = transition.at or at
        data = {**shared, "transition": _transition(transition.status, transition.at, transition.source)}
        key = f"{snapshot.order_id}|{times[transition.status]}"
        yield _event(snapshot, f"order.{transition.status}", key, at, data, position)


def _transition(status: str, at: datetime | None, source: str) -> Document:
    return {"status": status, "at": _text(at) if at else None, "source": source}


def _asked(snapshot: Snapshot, shared: Document) -> list[EventRow]:
    """Return the attentions and the wanted decisions, by time."""
    events = [*_attentions(snapshot, shared), *_decisions(snapshot, shared)]
    return sorted(events, key=lambda event: event.occurred_at)


def _attentions(snapshot: Snapshot, shared: Document) -> Iterator[EventRow]:
    for cleared in snapshot.cleared:
        key = f"{cleared.reason}|{cleared.number}"
        data: Document = {**shared, "attention": {"reason": cleared.reason, "since": _text(cleared.since)}}
        yield _event(snapshot, ATTENTION_RAISED, key, cleared.since, data)
        if cleared.at is not None:
            yield _event(snapshot, ATTENTION_CLEARED, key, cleared.at, data)
    for attention in snapshot.attentions:
        raised = {**shared, "attention": attention.model_dump(mode="json", exclude={"number"})}
        key = f"{attention.reason}|{attention.number}"
        yield _event(snapshot, ATTENTION_RAISED, key, attention.since, raised)


def _decisions(snapshot: Snapshot, shared: Document) -> Iterator[EventRow]:
    for decision in snapshot.decisions:
        asked = decision.model_dump(mode="json", include={"what", "about", "until"})
        yield _event(snapshot, DECISION_WANTED, decision.number, decision.since, {**shared, "decision": asked})


def _end(snapshot: Snapshot, shared: Document) -> Iterator[EventRow]:
    if snapshot.outcome is not None:
        at = snapshot.closed_at or snapshot.updated_at or snapshot.opened_at
        yield _event(snapshot, CLOSED, snapshot.outcome, at, shared)


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def public_document(event: EventRow) -> dict[str, Any]:
    """Return the event as notifications, the feed and the stream carry it."""
    return {
        "id": event.id,
        "type": event.type,
        "account": event.account,
        "reference": event.reference,
        "occurred_at": _text(event.occurred_at),
        "position": event.position,
        "data": event.data,
    }
