"""What the ledger knows of an order's past: statuses, webhooks in, deposits seen, notifications out, writes. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from baton.ledger.act_rows import ActRow
from baton.ledger.notification_rows import AttemptRow
from baton.ledger.rows import LATE, DeliveryRow, DepositRow, EventRow, TransitionRow
from baton.orders.answers import Snapshot
from baton.timeline.entries import EntryKind, TimelineEntry, amount_text, spoken

_KNOWN_BY = {
    "webhook": "by a webhook",
    "status_read": "by a read",
    "order_of_quote": "by a read of the quote",
    "submit": "by the answer to the submit",
    LATE: "by a webhook after the end",
}


class LedgerParts(NamedTuple):
    """The rows of an order."""

    transitions: Sequence[TransitionRow] = ()
    webhooks: Sequence[DeliveryRow] = ()
    deposits: Sequence[DepositRow] = ()
    attempts: Sequence[AttemptRow] = ()
    events: Sequence[EventRow] = ()
    acts: Sequence[ActRow] = ()


def ledger_entries(order: Snapshot, parts: LedgerParts) -> list[TimelineEntry]:
    """Return the entries of an order's rows, in no particular order."""
    return [
        *_statuses(order, parts.transitions),
        *_webhooks(parts.webhooks),
        *_deposits(order, parts.deposits),
        *_notifications(parts.attempts),
        *_writes(parts.events),
        *_acts(parts.acts),
    ]


def _statuses(order: Snapshot, transitions: Sequence[TransitionRow]) -> Iterator[TimelineEntry]:
    """Yield the statuses; the first one may come without a time, and is then shown at the order's first quote."""
    quoted = order.quotes[0].taken_at if order.quotes else None
    for step in transitions:
        known = f"known {_KNOWN_BY.get(step.source, f'by {spoken(step.source)}')}"
        yield TimelineEntry(
            at=step.at or quoted or order.opened_at,
            kind=EntryKind.STATUS,
            what=f"status {spoken(step.status)}",
            detail=known if step.at else f"{known}, at an unknown time",
            source="orchestra",
        )


def _webhooks(deliveries: Sequence[DeliveryRow]) -> Iterator[TimelineEntry]:
    for delivery in deliveries:
        said = f"{spoken(delivery.disposition)}, event of {_moment(delivery.event_timestamp)}"
        yield TimelineEntry(
            at=delivery.received_at,
            kind=EntryKind.WEBHOOK,
            what=f"webhook {delivery.event}",
            detail=f"{said}; {delivery.detail}" if delivery.detail else said,
            source="orchestra",
            is_bad=delivery.disposition == "unclaimed",
        )


def _deposits(order: Snapshot, deposits: Sequence[DepositRow]) -> Iterator[TimelineEntry]:
    lines = {(line.tx_id, line.index): line for line in order.deposits}
    for row in deposits:
        line = lines.get((row.tx_id, row.position))
        amount = amount_text(row.amount, line.asset if line else row.asset, line.decimals if line else None)
        verdict = f"{spoken(line.verdict)}, " if line else ""
        yield TimelineEntry(
            at=row.first_seen_at,
            kind=EntryKind.DEPOSIT,
            what=f"deposit of {amount} seen",
            detail=f"{verdict}now {row.state}",
            source="chain",
            chain=row.chain,
            tx_id=row.tx_id,
        )


def _notifications(attempts: Sequence[AttemptRow]) -> Iterator[TimelineEntry]:
    for attempt in attempts:
        answered = f"HTTP {attempt.status_code}" if attempt.status_code else "no answer"
        detail = f"{spoken(attempt.outcome)}, {answered}, {attempt.milliseconds} ms"
        yield TimelineEntry(
            at=attempt.attempted_at,
            kind=EntryKind.NOTIFICATION,
            what=f"notified of {attempt.event_type}",
            detail=f"{detail}; {attempt.detail}" if attempt.detail else detail,
            source=attempt.endpoint,
            endpoint=attempt.endpoint,
            event_id=attempt.event_id,
            is_bad=attempt.outcome != "delivered",
        )


def _acts(acts: Sequence[ActRow]) -> Iterator[TimelineEntry]:
    for act in acts:
        said = [act.note or "", "" if act.outcome == "done" else act.outcome, act.detail or ""]
        yield TimelineEntry(
            at=act.at,
            kind=EntryKind.UPDATE,
            what=spoken(act.act),
            detail="; ".join(text for text in said if text),
            source=act.by,
            is_bad=act.outcome != "done",
        )


def _writes(events: Sequence[EventRow]) -> Iterator[TimelineEntry]:
    """Yield one entry for each time that the order was written with news."""
    written = sorted((row for row in events if row.written_at), key=_written_at)
    for at, rows in groupby(written, key=_written_at):
        types = ", ".join(row.type for row in rows)
        yield TimelineEntry(at=at, kind=EntryKind.LEDGER, what="written to the ledger", detail=types, source="baton")


def _written_at(row: EventRow) -> datetime:
    assert row.written_at is not None
    return row.written_at


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "an unknown time"
