"""The timeline keeps the newest transitions, whatever the order in which they arrive, and merging stays linear."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.orchestra.models import OrderRecord
from baton.orders.observation import Observation, OrderView, Source
from baton.orders.rules import timeline
from baton.orders.rules.present import merge
from baton.orders.rules.timeline import MAX_STATUSES, MAX_TRANSITIONS

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
Report = tuple[str, int]
"""A status, and the second at which it was reported."""

reports = st.lists(st.integers(0, 59).map(lambda second: (f"status-{second}", second)), unique=True, max_size=12)
"""Reports of an order that changes its status every second; some are missing."""


def seen(report: Report) -> Observation:
    status, second = report
    record = OrderRecord(id="ord_1", status=status, updated_at=NOON + timedelta(seconds=second))
    return Observation(source=Source.WEBHOOK, record=record)


def view_of(arrival: list[Report]) -> OrderView:
    view = OrderView()
    for report in arrival:
        view = merge(view, seen(report)).view
    return view


def alternating(count: int) -> list[Report]:
    return [("bridging" if second % 2 else "swapping", second) for second in range(count)]


def unheard_of(count: int, since: int = 0) -> list[Report]:
    return [(f"audit-{second}", second) for second in range(since, since + count)]


@given(st.data(), reports)
def test_a_bounded_timeline_is_the_same_in_any_order(data: st.DataObject, sent: list[Report]) -> None:
    arrival = data.draw(st.permutations(sent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "MAX_TRANSITIONS", 3)
        one, other = view_of(sorted(sent, key=lambda report: report[1])), view_of(arrival)

    assert other.transitions == one.transitions
    assert (other.status, other.left_out_until) == (one.status, one.left_out_until)
    assert len(other.transitions) <= 3


@given(reports)
def test_repeating_what_a_bounded_timeline_left_out_changes_nothing(sent: list[Report]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "MAX_TRANSITIONS", 3)
        view = view_of(sent)
        again = [merge(view, seen(report)).view for report in sent]

    assert all((each.transitions, each.status) == (view.transitions, view.status) for each in again)


def test_the_newest_transitions_stay_and_the_others_are_counted() -> None:
    view = view_of(alternating(MAX_TRANSITIONS + 70))

    assert len(view.transitions) == MAX_TRANSITIONS
    assert view.transitions_left_out == 70
    assert view.transitions[0].at == NOON + timedelta(seconds=70)
    assert view.transition_count == MAX_TRANSITIONS + 70


def test_of_statuses_that_nobody_published_only_the_first_ones_are_counted() -> None:
    view = view_of(unheard_of(MAX_STATUSES + 50 + MAX_TRANSITIONS))

    assert view.transitions_left_out == MAX_STATUSES + 50
    assert list(view.left_out_statuses) == [f"audit-{second}" for second in range(MAX_STATUSES)]


def test_a_published_status_is_counted_among_any_number_of_others() -> None:
    before = unheard_of(MAX_STATUSES + 5)
    view = view_of([*before, ("bridging", len(before)), *unheard_of(MAX_TRANSITIONS, since=len(before) + 1)])

    assert view.left_out_statuses["bridging"] == 1


@pytest.mark.parametrize("reports_of", [alternating, unheard_of])
def test_ten_times_the_observations_take_about_ten_times_as_long(reports_of: Callable[[int], list[Report]]) -> None:
    view_of(reports_of(300))
    began = time.process_time()
    view_of(reports_of(1_000))
    few = time.process_time() - began
    view_of(reports_of(10_000))
    many = time.process_time() - began - few

    assert many < 30 * few, "merging a hundredfold longer list would take a hundred times as long"


def test_a_status_reported_before_and_after_another_is_split_by_it() -> None:
    view = view_of([("alpha", 0), ("alpha", 2), ("beta", 1)])

    assert view.transitions == view_of([("alpha", 0), ("beta", 1), ("alpha", 2)]).transitions
