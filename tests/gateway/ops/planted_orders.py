"""Rows of a month of orders, for pictures of the page of figures and for measuring it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from baton.ledger.ledger import Ledger
from baton.ledger.rows import EventRow, OrderRow
from baton.ledger.webhook_counts import WebhookCount

ROUTES = (
    ("base", "USDC", "spark", "BTC", 25),
    ("lightning", "BTC", "solana", "USDC", 9),
    ("solana", "USDC", "base", "USDC", 40),
    ("bitcoin", "BTC", "arbitrum", "USDT", 1900),
    ("tron", "USDT", "spark", "USDB", 75),
)
"""Routes, with the usual seconds from payment to delivery."""

_OUTCOMES = ("completed",) * 88 + ("refunded",) * 4 + ("failed",) * 2 + ("expired",) * 5 + ("cancelled",)
_REASONS = ("overdue", "overdue", "overdue", "second_deposit", "refund_overdue", "late_deposit")


async def plant(ledger: Ledger, number: int = 900) -> None:
    """Write ended orders of the last 30 days, most of them of the last one, with what needed a person."""
    chance = random.Random(7)
    for row in _rows(number, chance):
        events = [_raised(row, chance)] if chance.random() < 0.06 else []
        await ledger.write_order(row, [], events=events)
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    await ledger.webhook_counts.add(
        [
            WebhookCount(hour, "default", "handed_over", 412, now - timedelta(seconds=20)),
            WebhookCount(hour, "default", "mismatch", 3, now - timedelta(minutes=50)),
        ]
    )


def _rows(number: int, chance: random.Random) -> Iterator[OrderRow]:
    now = datetime.now(UTC)
    for place in range(number):
        days = chance.random() if chance.random() < 0.5 else 30 * chance.random()
        opened, outcome = now - timedelta(days=days), chance.choice(_OUTCOMES)
        *route, seconds = chance.choices(ROUTES, weights=(6, 4, 3, 1, 2))[0]
        taken = max(chance.lognormvariate(0, 0.6) * seconds, 1)
        yield OrderRow(
            workflow_id=f"order/default/planted-{place}",
            account="default",
            reference=f"planted-{place}",
            phase="closed",
            status=outcome,
            outcome=outcome,
            **_ends(route),
            created_at=opened,
            updated_at=min(opened + timedelta(seconds=taken + 60), now),
            closed_at=min(opened + timedelta(seconds=taken + 60), now),
            revision=1,
            delivery_ms=round(taken * 1000) if outcome == "completed" else None,
        )


def _ends(route: list[Any]) -> dict[str, Any]:
    names = ("source_chain", "source_asset", "destination_chain", "destination_asset")
    return dict(zip(names, route, strict=True))


def _raised(row: OrderRow, chance: random.Random) -> EventRow:
    return EventRow(
        id=f"evt_{row.reference}",
        workflow_id=row.workflow_id,
        account=row.account,
        reference=row.reference,
        type="order.attention_raised",
        occurred_at=row.created_at,
        data={"attention": {"reason": chance.choice(_REASONS)}},
    )
