"""Rows for the ledger's tests, with defaults for the fields that a test does not set."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from baton.ledger.rows import DeliveryRow, DepositRow, OrderRow, PaymentRow, QuoteEntry, TransitionRow, WatchRow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER = "order/default/invoice-1"


def minute(number: float) -> datetime:
    """Return the time so many minutes after noon."""
    return NOON + timedelta(minutes=number)


def quote(**given: Any) -> QuoteEntry:
    """Return an index entry of quote `q_1`."""
    return QuoteEntry.model_validate(
        {"account": "default", "quote_id": "q_1", "workflow_id": ORDER, "created_at": NOON} | given
    )


def order(workflow_id: str = ORDER, **given: Any) -> OrderRow:
    """Return an order that is being tracked."""
    defaults = {
        "workflow_id": workflow_id,
        "account": "default",
        "reference": workflow_id.rpartition("/")[2],
        "phase": "tracking",
        "created_at": NOON,
        "updated_at": NOON,
        "revision": 1,
    }
    return OrderRow.model_validate(defaults | given)


def timeline(*statuses: str, workflow_id: str = ORDER) -> list[TransitionRow]:
    """Return the timeline that a workflow recorded: these statuses, one each minute from noon."""
    return [
        TransitionRow(
            workflow_id=workflow_id,
            order_id="ord_1",
            position=position,
            status=status,
            at=minute(position),
            source="webhook",
        )
        for position, status in enumerate(statuses)
    ]


def delivery(**given: Any) -> DeliveryRow:
    """Return a delivery of `order.completed`, an hour after noon."""
    defaults = {
        "account": "default",
        "workflow_id": ORDER,
        "order_id": "ord_1",
        "event": "order.completed",
        "status": "completed",
        "event_timestamp": minute(59),
        "received_at": minute(60),
        "disposition": "handed_over",
    }
    return DeliveryRow.model_validate(defaults | given)


def watch(**given: Any) -> WatchRow:
    """Return a watch of an address on Base since noon."""
    defaults = {"account": "default", "quote_id": "q_1", "workflow_id": ORDER, "chain": "base", "address": "0xabc"}
    return WatchRow.model_validate({**defaults, "since": NOON} | given)


def deposit(**given: Any) -> DepositRow:
    """Return a deposit of 100 USDC, seen at noon."""
    defaults = {
        "chain": "base",
        "tx_id": "0xtx",
        "position": "0",
        "address": "0xabc",
        "asset": "0xusdc",
        "amount": 100_000_000,
        "state": "seen",
        "document": {"block": 7},
        "first_seen_at": NOON,
        "updated_at": NOON,
    }
    return DepositRow.model_validate(defaults | given)


def payment(number: int = 1, **given: Any) -> PaymentRow:
    """Return a payment that customer 7 was asked for so many minutes after noon."""
    defaults = {
        "account": "default",
        "payer": "customer-7",
        "workflow_id": f"order/default/{number}",
        "cents": 100 * number,
        "asked_at": minute(number),
    }
    return PaymentRow.model_validate(defaults | given)


def statuses(rows: Sequence[TransitionRow]) -> list[str]:
    """Return the statuses of a timeline."""
    return [row.status for row in rows]
