"""What the facts about an account mean: webhooks that are missing, and webhooks that are refused."""

from datetime import datetime, timedelta

import pytest

from baton.health.accounts import judge_webhooks, webhook_flow
from baton.health.findings import CheckFinding, Level
from baton.ledger.figure_rows import AccountActivity
from baton.ledger.webhook_counts import WebhookSum
from tests.ledger.examples import NOON, minute


def accepted(at: datetime, number: int = 1) -> WebhookSum:
    return WebhookSum("default", "handed_over", number, at)


def refused(at: datetime, cause: str = "mismatch", number: int = 1) -> WebhookSum:
    return WebhookSum("default", cause, number, at)


def judged(
    *counts: WebhookSum, changed: datetime | None = None, expected: bool = True, now: datetime = NOON
) -> dict[str, CheckFinding]:
    """Return the findings by their check."""
    flow = webhook_flow(counts, counts, expected=expected)
    activity = AccountActivity("default", 3, changed)
    return {finding.check: finding for finding in judge_webhooks("default", flow, activity, now)}


def test_a_change_that_no_webhook_announced_is_silence() -> None:
    finding = judged(accepted(minute(-40)), changed=minute(-10))["webhook.silence"]

    assert finding.level is Level.WARNING
    assert "2026-03-01 11:20:00 UTC" in finding.message
    assert "2026-03-01 11:50:00 UTC" in finding.message
    assert "by reads alone" in finding.effect


def test_an_account_without_any_webhook_is_silent_once_an_order_changes() -> None:
    assert judged()["webhook.silence"].level is Level.OK
    assert judged(changed=minute(-10))["webhook.silence"].level is Level.WARNING


@pytest.mark.parametrize("changed", [minute(-40), minute(-39), None])
def test_without_a_later_change_an_old_webhook_is_no_silence(changed: datetime | None) -> None:
    assert judged(accepted(minute(-40)), changed=changed)["webhook.silence"].level is Level.OK


def test_a_webhook_has_some_time_to_come() -> None:
    assert judged(accepted(minute(-40)), changed=minute(-1))["webhook.silence"].level is Level.OK


def test_a_test_delivery_is_no_webhook_of_orchestra() -> None:
    tested = WebhookSum("default", "test", 5, minute(-1))

    assert judged(tested, changed=minute(-10))["webhook.silence"].level is Level.WARNING


def test_an_account_that_is_tracked_by_polls_misses_nothing() -> None:
    assert judged(changed=minute(-10), expected=False)["webhook.silence"].level is Level.OK


def test_refused_webhooks_are_named_by_cause() -> None:
    finding = judged(refused(minute(-5), number=3), refused(minute(-6), "stale"))["webhook.refused"]

    assert finding.level is Level.WARNING
    assert "3 mismatch (they are signed with another secret than the gateway has)" in finding.message
    assert "1 stale" in finding.message


def test_refused_webhooks_are_past_once_one_was_accepted() -> None:
    finding = judged(refused(minute(-5)), accepted(minute(-1)))["webhook.refused"]

    assert finding.level is Level.OK


def test_refused_webhooks_are_past_after_an_hour() -> None:
    assert judged(refused(NOON - timedelta(hours=2)))["webhook.refused"].level is Level.OK


def test_the_counts_are_those_of_accepted_and_refused_ones() -> None:
    counts = [accepted(minute(-1), 7), refused(minute(-2), number=2), WebhookSum("default", "test", 9, minute(0))]
    flow = webhook_flow(counts, counts, expected=True)

    assert (flow.accepted, flow.refused, flow.last_at, flow.last_refused_at) == (
        7,
        {"mismatch": 2},
        minute(-1),
        minute(-2),
    )
