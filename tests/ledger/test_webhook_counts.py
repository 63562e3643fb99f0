"""Counts of webhooks: several gateways add to the same hour."""

from datetime import datetime, timedelta

from baton.ledger.ledger import Ledger
from baton.ledger.webhook_counts import WebhookCount, WebhookSum
from tests.ledger.examples import NOON, minute


def counted(number: int, at: datetime, *, account: str = "default", result: str = "mismatch") -> WebhookCount:
    hour = at.replace(minute=0, second=0, microsecond=0)
    return WebhookCount(hour, account, result, number, at)


async def test_counts_of_the_same_hour_are_added(ledger: Ledger) -> None:
    await ledger.webhook_counts.add([counted(2, minute(9)), counted(1, minute(5), result="handed_over")])
    await ledger.webhook_counts.add([counted(3, minute(4))])

    assert await ledger.webhook_counts.since(NOON) == [
        WebhookSum("default", "handed_over", 1, minute(5)),
        WebhookSum("default", "mismatch", 5, minute(9)),
    ]


async def test_earlier_hours_and_other_accounts_can_be_left_out(ledger: Ledger) -> None:
    await ledger.webhook_counts.add(
        [counted(1, minute(-90)), counted(2, minute(1)), counted(4, minute(2), account="eu")]
    )

    assert await ledger.webhook_counts.since(minute(30), ["default"]) == [
        WebhookSum("default", "mismatch", 2, minute(1))
    ]


async def test_counts_are_kept_for_a_month(ledger: Ledger) -> None:
    await ledger.webhook_counts.add([counted(1, NOON - timedelta(days=32))])
    await ledger.webhook_counts.add([counted(1, NOON)])

    assert [one.number for one in await ledger.webhook_counts.since(NOON - timedelta(days=60))] == [1]


async def test_nothing_is_added_for_no_counts(ledger: Ledger) -> None:
    await ledger.webhook_counts.add([])

    assert await ledger.webhook_counts.since(NOON) == []
