"""An order's story as one table, oldest first: statuses, webhooks, deposits and what people did. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from baton.ledger.rows import DeliveryRow, TransitionRow
from baton.orders.answers import Snapshot


class TimelineLine(NamedTuple):
    """One thing that happened."""

    at: datetime
    what: str
    detail: str


def timeline_of(
    order: Snapshot, transitions: Sequence[TransitionRow], deliveries: Sequence[DeliveryRow]
) -> list[TimelineLine]:
    """Return everything that happened to an order, oldest first."""
    lines = [*_of_order(order), *_of_transitions(transitions), *_of_deliveries(deliveries)]
    return sorted(lines, key=lambda line: line.at)


def _of_order(order: Snapshot) -> Iterator[TimelineLine]:
    yield TimelineLine(order.opened_at, "placed", f"reference {order.reference}")
    for quote in order.quotes:
        detail = f"{quote.quote_id}: {quote.amount_in} to {quote.deposit_address}, expires {quote.expires_at:%H:%M:%S}"
        yield TimelineLine(quote.taken_at or order.opened_at, "quoted", detail)
    for attention in order.attentions:
        yield TimelineLine(attention.since, f"attention: {attention.reason}", attention.message)
    for resolved in order.resolutions:
        yield TimelineLine(resolved.at, "resolved by a person", resolved.reason or "")
    if order.closed_at:
        yield TimelineLine(order.closed_at, "closed", str(order.outcome or ""))


def _of_transitions(transitions: Sequence[TransitionRow]) -> Iterator[TimelineLine]:
    for step in transitions:
        if step.at is not None:
            yield TimelineLine(step.at, f"status: {step.status}", f"known by {step.source}")


def _of_deliveries(deliveries: Sequence[DeliveryRow]) -> Iterator[TimelineLine]:
    for delivery in deliveries:
        detail = f"{delivery.disposition}, event of {_moment(delivery.event_timestamp)}"
        yield TimelineLine(delivery.received_at, f"webhook: {delivery.event}", detail)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "an unknown time"


def as_markdown(lines: Sequence[TimelineLine]) -> str:
    """Return the table in Markdown; times are in UTC."""
    rows = [f"| {line.at:%Y-%m-%d %H:%M:%S.%f} | {line.what} | {_cell(line.detail)} |" for line in lines]
    return "\n".join(["| time (UTC) | what | detail |", "|---|---|---|", *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
