"""A set of reasons: what raises each, what clears it, and what an operator's word does."""

from datetime import timedelta

import pytest

from baton.orchestra.models import OrderRecord
from baton.orders.models import OrderPolicy, Outcome, Resolution
from baton.orders.rules import attention
from baton.orders.rules.attention import AttentionReason
from baton.orders.rules.deadlines import next_deadline
from baton.orders.state import OrderState
from tests.orders.states import NOON, state, tracked
from tests.orders.states import attention as attention_for

LATER = NOON + timedelta(hours=1)


def with_attention(reason: str) -> OrderState:
    return state(attentions=attention_for(reason, "first"))


def test_the_same_reason_again_keeps_words_and_time() -> None:
    order = with_attention(AttentionReason.OVERDUE)
    attention.raise_attention(order, AttentionReason.OVERDUE, "again", LATER)

    assert (order.attention.message, order.attention.since) == ("first", NOON)


def test_a_further_deposit_is_named_beside_the_first() -> None:
    order = with_attention(AttentionReason.SECOND_DEPOSIT)
    for message in ("0xaa came", "0xbb came", "0xaa came"):
        attention.raise_attention(order, AttentionReason.SECOND_DEPOSIT, message, LATER)

    assert (order.attention.message, order.attention.since) == ("first; 0xaa came; 0xbb came", NOON)


def test_a_flood_of_deposits_leaves_the_message_bounded() -> None:
    order = with_attention(AttentionReason.WRONG_TOKEN_DEPOSIT)
    for number in range(1_000):
        attention.raise_attention(order, AttentionReason.WRONG_TOKEN_DEPOSIT, f"token {number} came", LATER)

    assert len(order.attention.message) < attention.MAX_MESSAGE + 100
    assert "and more" in order.attention.message


def test_another_reason_stands_beside_the_one_before() -> None:
    order = with_attention(AttentionReason.SECOND_ORDER)
    attention.raise_attention(order, AttentionReason.SECOND_DEPOSIT, "two", LATER)

    assert list(order.attentions) == ["second_order", "second_deposit"]
    assert order.attention is order.attentions["second_deposit"]


def test_every_reason_has_a_remedy() -> None:
    order = state()
    for reason in [*AttentionReason, "invalid_request"]:
        attention.raise_attention(order, reason, "look", NOON)

    assert all(raised.remedy for raised in order.attentions.values())


def test_the_reason_to_show_is_never_a_mere_wait_if_there_is_another() -> None:
    order = with_attention(AttentionReason.SECOND_DEPOSIT)
    attention.raise_attention(order, AttentionReason.OVERDUE, "late", LATER)

    assert order.attention.reason == AttentionReason.SECOND_DEPOSIT


def test_a_reason_is_stored_as_plain_text() -> None:
    order = state()
    attention.raise_attention(order, AttentionReason.OVERDUE, "late", NOON)

    assert type(order.attention.reason) is str


def test_a_child_may_repeat_its_reason_with_a_newer_time() -> None:
    order = with_attention(AttentionReason.REFUND_OVERDUE)
    attention.raise_from_child(order, attention.refund_overdue(NOON, LATER))

    assert order.attention.since == LATER


def test_a_wait_that_is_too_long_never_hides_another_reason() -> None:
    order = with_attention(AttentionReason.SECOND_DEPOSIT)
    attention.raise_overdue(order, next_deadline(order, OrderPolicy()).waiting)

    assert list(order.attentions) == ["second_deposit", "overdue"]


@pytest.mark.parametrize(
    "reason",
    [
        AttentionReason.OVERDUE,
        AttentionReason.REFUND_OVERDUE,
        AttentionReason.OPERATOR_HOLD,
        AttentionReason.REPRICE_REFUSED,
        AttentionReason.DEPOSIT_GONE,
    ],
)
def test_a_change_of_status_clears_what_it_settles(reason: str) -> None:
    order = with_attention(reason)
    attention.clear_after_move(order)

    assert order.attention is None


@pytest.mark.parametrize(
    "reason", [AttentionReason.SECOND_DEPOSIT, AttentionReason.SECOND_ORDER, AttentionReason.WRONG_TOKEN_DEPOSIT]
)
def test_a_change_of_status_keeps_what_it_does_not_settle(reason: str) -> None:
    order = with_attention(reason)
    attention.clear_after_move(order)

    assert order.attention.reason == reason


def test_another_deposit_clears_a_refusal_but_no_doubt_about_deposits() -> None:
    refused, second = with_attention("invalid_request"), with_attention(AttentionReason.SECOND_DEPOSIT)
    attention.clear_refusals(refused)
    attention.clear_refusals(second)

    assert refused.attention is None
    assert second.attention is not None


def test_resolving_one_reason_leaves_the_others() -> None:
    order = with_attention(AttentionReason.SECOND_DEPOSIT)
    attention.raise_attention(order, AttentionReason.OVERDUE, "late", LATER)
    attention.resolve_attention(order, Resolution(note="seen", reason="overdue"), LATER)

    assert list(order.attentions) == ["second_deposit"]
    assert [done.reason for done in order.resolutions] == ["overdue"]


def test_a_resolution_is_recorded_and_may_close_the_order() -> None:
    order = with_attention(AttentionReason.OVERDUE)
    attention.resolve_attention(order, Resolution(note="refunded by hand", close_as=Outcome.REFUNDED), LATER)

    assert order.attention is None
    assert order.close_as is Outcome.REFUNDED
    assert [(done.reason, done.note, done.at) for done in order.resolutions] == [("overdue", "refunded by hand", LATER)]


def test_a_resolved_reason_is_known_and_another_one_is_not() -> None:
    order = with_attention(AttentionReason.DEPOSIT_GONE)
    attention.resolve_attention(order, Resolution(note="seen"), LATER)

    assert attention.was_raised(order, AttentionReason.DEPOSIT_GONE)
    assert not attention.was_raised(order, AttentionReason.DEPOSIT_DISAGREES)


@pytest.mark.parametrize(
    ("status", "transaction", "raised"),
    [("refunded", None, True), ("refunded", "0xrefund", False), ("refunding", None, False), ("completed", None, False)],
)
def test_only_a_finished_refund_must_name_its_transaction(status: str, transaction: str | None, raised: bool) -> None:
    record = OrderRecord(id="ord_1", status=status, refund_tx_hash=transaction)

    assert (attention.refund_without_transaction(record, NOON) is not None) is raised


def test_an_overdue_wait_says_what_is_missing_since_when() -> None:
    order = tracked("swapping")
    attention.raise_overdue(order, next_deadline(order, OrderPolicy()).waiting)

    assert order.attention.reason == "overdue"
    assert "the swap" in order.attention.message
    assert "2026-02-01 12:00" in order.attention.message
