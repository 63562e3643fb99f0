"""The present status comes from the newest believed read or legal webhook, never from the order of arrival."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.orchestra.lifecycle import HARD_ENDS, Status
from baton.orchestra.models import OrderRecord, WebhookEvent
from baton.orders.observation import Observation, OrderView, Source
from baton.orders.rules.present import merge

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
STATUSES = sorted(status.value for status in Status if status is not Status.PAUSED)
CLOCKS = st.one_of(st.none(), st.integers(0, 3))
"""Times of observations: missing, equal, forwards and backwards."""


def seen(status: str, second: float | None, source: str = Source.WEBHOOK, **fields: Any) -> Observation:
    at = None if second is None else NOON + timedelta(seconds=second)
    return Observation(source=source, record=OrderRecord(id="ord_1", status=status, updated_at=at, **fields))


def read(status: str, second: float | None, **fields: Any) -> Observation:
    return seen(status, second, Source.STATUS_READ, **fields)


def view_of(*observations: Observation) -> OrderView:
    view = OrderView()
    for each in observations:
        view = merge(view, each).view
    return view


observations = st.lists(
    st.builds(seen, st.sampled_from(STATUSES), CLOCKS, st.sampled_from([Source.WEBHOOK, Source.STATUS_READ])),
    max_size=8,
)


@given(observations, st.sampled_from(sorted(HARD_ENDS)), CLOCKS)
def test_a_hard_end_that_a_read_reports_ends_any_open_order(before: list, end: str, second: int | None) -> None:
    view = view_of(*before)
    ended = merge(view, read(end, second)).view

    assert ended.status == (view.status if view.status in HARD_ENDS else end)


@given(observations, st.sampled_from(STATUSES), CLOCKS)
def test_a_fresh_read_is_the_present_whatever_its_time(before: list, status: str, second: int | None) -> None:
    view = view_of(*before)
    settled = merge(view, read(status, second), fresh=True)

    assert settled.view.status == (view.status if view.status in HARD_ENDS else status)
    assert not settled.unsettled


@given(observations)
def test_the_record_and_the_view_never_differ_in_status(before: list) -> None:
    view = view_of(*before)

    assert view.record is None or view.record.status == view.status


@given(observations, observations)
def test_merging_the_same_again_never_moves_a_settled_order(before: list, again: list) -> None:
    view = view_of(*before, *again)
    settled = merge(view, read(view.status or "processing", 9), fresh=True).view

    assert all(merge(settled, each).view.status == settled.status for each in before if each.source == Source.WEBHOOK)


@given(st.permutations([("processing", 0), ("bridging", 1), ("swapping", 2), ("delivering", 3), ("completed", 4)]))
def test_webhooks_end_the_same_in_any_order(arrival: list[tuple[str, float]]) -> None:
    after_first = [seen("processing", 0), *(seen(*each) for each in arrival)]
    settled = merge(view_of(*after_first), read("completed", 4), fresh=True).view

    assert settled.status == "completed"


def test_a_read_of_an_end_with_an_earlier_time_ends_the_order() -> None:
    assert view_of(seen("processing", 0), seen("delivering", 10.05), read("completed", 10)).status == "completed"


def test_refunding_after_refunded_at_the_same_time_changes_nothing() -> None:
    view = view_of(seen("processing", 0), seen("refunded", 5), seen("refunding", 5))

    assert (view.status, view.record.status) == ("refunded", "refunded")


def test_a_read_that_may_be_older_disagrees_and_asks_for_another() -> None:
    view = view_of(seen("processing", 0), seen("swapping", 5))
    merged = merge(view, read("bridging", 3))

    assert merged.disagrees
    assert merged.unsettled
    assert merged.view.status == "swapping"


def test_a_fresh_read_is_believed_and_drops_the_doubts() -> None:
    view = view_of(seen("processing", 0), seen("refunding", 5), seen("bridging", 7))
    assert view.doubts

    settled = merge(view, read("refunding", 4), fresh=True).view

    assert settled.status == "refunding"
    assert not settled.doubts


def test_a_repeated_webhook_does_not_undo_what_a_read_settled() -> None:
    view = view_of(seen("processing", 0), seen("delivering", 5))
    settled = merge(view, read("swapping", 4), fresh=True).view

    assert merge(settled, seen("delivering", 5)).view.status == "swapping"


def test_a_webhook_without_a_time_is_settled_by_a_read() -> None:
    view = view_of(seen("processing", 0))
    merged = merge(view, seen("swapping", None))

    assert merged.unsettled
    assert merged.view == view


def test_the_time_of_sending_never_stands_in_for_a_missing_time() -> None:
    event = WebhookEvent(event="order.swapping", timestamp=NOON, data=OrderRecord(id="ord_1", status="swapping"))

    assert Observation.of_webhook(event).at is None


def test_a_time_in_epoch_milliseconds_is_no_time_and_no_error() -> None:
    record = OrderRecord.model_validate({"id": "ord_1", "status": "completed", "updatedAt": 1_770_000_000_000})
    view = view_of(seen("processing", 0), Observation(source=Source.STATUS_READ, record=record))

    assert view.status == "completed"


@pytest.mark.parametrize("status", ["swapping", "a_status_from_the_future"])
def test_two_webhooks_of_one_time_need_a_read_if_both_orders_are_legal(status: str) -> None:
    other = "awaiting_approval" if status == "swapping" else "processing"
    merged = merge(view_of(seen("processing", 0), seen(other, 5)), seen(status, 5))

    assert merged.unsettled
    assert merged.view.status == status


def test_a_late_answer_to_a_submit_that_reports_an_end_needs_a_read() -> None:
    view = view_of(seen("processing", 0))

    assert merge(view, seen("completed", None, Source.SUBMIT)).unsettled
    assert not merge(view, seen("processing", None, Source.SUBMIT)).unsettled


def test_a_webhook_of_an_end_before_the_present_is_settled_by_a_read() -> None:
    view = view_of(seen("processing", 0), seen("delivering", 2))

    merged = merge(view, seen("completed", 1))

    assert (merged.view.status, merged.unsettled) == ("delivering", True)
    assert not merge(view, seen("processing", 0)).unsettled
