"""Observations of one order make one timeline, in any order and number."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.orchestra.lifecycle import EVENTS, HARD_ENDS, PUBLIC_EDGES, SILENT_EDGES, Status
from baton.orchestra.models import OrderRecord, OrderStatus, Submitted
from baton.orders.observation import AnomalyKind, Observation, OrderView, Source, is_news, open_envelope
from baton.orders.rules.present import merge

START = datetime(2026, 2, 1, 12, tzinfo=UTC)
HAPPY = ["processing", "bridging", "swapping", "delivering", "completed"]
WEBHOOK_STATUSES = set(EVENTS.values())


def told(status: str, second: float, source: str = Source.WEBHOOK, **fields: object) -> Observation:
    at = START + timedelta(seconds=second)
    return Observation(source=source, record=OrderRecord(id="ord_1", status=status, updated_at=at, **fields))


def all_merged(observations: list[Observation], view: OrderView | None = None) -> OrderView:
    view = view or OrderView()
    for seen in observations:
        view = merge(view, seen).view
    return view


def statuses(view: OrderView) -> list[str]:
    return [one.status for one in view.transitions]


@st.composite
def walks(draw: st.DrawFn) -> list[str]:
    """Any walk over the public table, from `processing`."""
    walk = [Status.PROCESSING]
    while len(walk) < 9 and PUBLIC_EDGES[walk[-1]] and draw(st.integers(0, 9)) > 0:
        walk.append(draw(st.sampled_from(sorted(PUBLIC_EDGES[walk[-1]]))))
    return [status.value for status in walk]


@given(walks(), st.randoms(use_true_random=False))
def test_doubled_and_shuffled_webhooks_make_the_same_timeline(walk: list[str], random) -> None:
    in_order = [told(status, second) for second, status in enumerate(walk)]
    shuffled = in_order * 2
    random.shuffle(shuffled)
    settled = [told(walk[-1], len(walk) - 1, Source.STATUS_READ)]

    straight = all_merged(in_order)
    mixed = all_merged([*shuffled, *settled, *shuffled])

    assert statuses(straight) == walk
    assert statuses(mixed) == walk


@given(walks(), st.randoms(use_true_random=False))
def test_webhooks_in_any_order_make_the_timeline_up_to_a_hard_end(walk: list[str], random) -> None:
    observations = [told(status, second) for second, status in enumerate(walk)]
    first, last, middle = observations[0], observations[-1], observations[1:-1]
    random.shuffle(middle)

    view = all_merged([first, *middle, last])

    assert statuses(view) == walk
    assert view.anomalies == []


def test_an_early_webhook_is_merged_when_its_predecessor_arrives() -> None:
    early = merge(all_merged([told("processing", 0), told("bridging", 1)]), told("refunding", 3))
    assert early.doubt

    explained = merge(early.view, told("swapping", 2))

    assert statuses(explained.view) == ["processing", "bridging", "swapping", "refunding"]
    assert explained.moved
    assert explained.view.anomalies == []
    assert explained.view.doubts == []


@given(walks())
def test_merging_the_same_observation_again_changes_nothing(walk: list[str]) -> None:
    observations = [told(status, second) for second, status in enumerate(walk)]
    view = all_merged(observations)

    assert all(not merge(view, seen).changed for seen in observations)


def test_an_older_webhook_goes_into_the_past_not_the_present() -> None:
    view = all_merged([told("processing", 0), told("delivering", 9), told("bridging", 3)])

    assert view.status == "delivering"
    assert statuses(view) == ["processing", "bridging", "delivering"]


def test_a_repeated_status_is_one_transition_at_its_first_time() -> None:
    view = all_merged([told("swapping", 5), told("swapping", 8)])

    assert [one.at for one in view.transitions] == [START + timedelta(seconds=5)]


def test_a_status_that_returns_later_is_a_new_transition() -> None:
    view = all_merged([told("delivering", 1), told("confirming", 2), told("delivering", 3)])

    assert statuses(view) == ["delivering", "confirming", "delivering"]


def test_a_webhook_gives_the_submit_answers_status_its_time() -> None:
    submitted = Observation.of_submit(Submitted(order_id="ord_1", status="processing"), "q_1")
    view = all_merged([submitted, told("processing", 0)])

    assert statuses(view) == ["processing"]
    assert view.transitions[0].at == START
    assert view.record.quote_id == "q_1"


def test_a_late_submit_answer_does_not_change_the_present() -> None:
    submitted = Observation.of_submit(Submitted(order_id="ord_1", status="processing"), "q_1")
    merged = merge(all_merged([told("processing", 0), told("swapping", 1)]), submitted)

    assert not merged.moved
    assert merged.view.status == "swapping"


def test_two_statuses_of_one_millisecond_are_ordered_by_the_table() -> None:
    view = all_merged([told("completed", 1), told("delivering", 1)])

    assert statuses(view) == ["delivering", "completed"]


@pytest.mark.parametrize("end", sorted(HARD_ENDS))
def test_nothing_follows_a_hard_end(end: Status) -> None:
    merged = merge(all_merged([told("processing", 0), told(end, 1, Source.STATUS_READ)]), told("swapping", 2))

    assert merged.view.status == end
    assert not merged.moved
    assert not merged.doubt
    assert [one.kind for one in merged.view.anomalies] == [AnomalyKind.AFTER_THE_END]


def test_an_unfulfilled_order_can_resume() -> None:
    view = all_merged([told("processing", 0), told("unfulfilled", 1), told("confirming", 2)])

    assert statuses(view) == ["processing", "unfulfilled", "confirming"]
    assert view.anomalies == []


def test_a_webhook_with_a_forbidden_move_is_settled_by_a_read() -> None:
    merged = merge(all_merged([told("refunding", 0)]), told("bridging", 1))

    assert merged.doubt
    assert merged.view.status == "refunding"
    assert [one.kind for one in merged.view.anomalies] == [AnomalyKind.FORBIDDEN_MOVE]


def test_a_read_with_a_forbidden_move_is_believed_and_recorded() -> None:
    merged = merge(all_merged([told("refunding", 0)]), told("bridging", 1, Source.STATUS_READ))

    assert merged.moved
    assert not merged.doubt
    assert merged.view.status == "bridging"
    assert [one.kind for one in merged.view.anomalies] == [AnomalyKind.FORBIDDEN_MOVE]


@pytest.mark.parametrize("status", sorted(s for s, edges in SILENT_EDGES.items() if Status.PAUSED in edges))
def test_a_pause_reads_as_processing_and_is_no_anomaly(status: Status) -> None:
    merged = merge(all_merged([told(status, 0)]), told("paused", 1))

    assert merged.view.status == "processing"
    assert merged.view.anomalies == []


def test_an_unknown_status_is_kept_shown_and_noted() -> None:
    merged = merge(all_merged([told("processing", 0)]), told("meditating", 1))

    assert merged.view.status == "meditating"
    assert [one.kind for one in merged.view.anomalies] == [AnomalyKind.UNKNOWN_STATUS]


def test_an_observation_of_another_order_is_noted_and_changes_nothing_else() -> None:
    other = Observation(source="webhook", record=OrderRecord(id="ord_2", status="completed", updated_at=START))
    merged = merge(all_merged([told("processing", 0)]), other)

    assert merged.view.order_id == "ord_1"
    assert merged.view.status == "processing"
    assert [one.kind for one in merged.view.anomalies] == [AnomalyKind.OTHER_ORDER]


def test_newer_fields_win_and_older_observations_only_fill_gaps() -> None:
    view = all_merged(
        [
            told("delivering", 9, amount_out=90, source_tx_hash="0xnew"),
            told("bridging", 3, amount_out=1, source_address="0xpayer"),
        ]
    )

    assert view.record.amount_out == 90
    assert view.record.source_address == "0xpayer"
    assert view.record.status == "delivering"


def test_an_envelope_reads_back_as_the_same_observation() -> None:
    seen = told("swapping", 4, amount_in=2**70)

    assert open_envelope(seen.envelope()) == seen


@pytest.mark.parametrize("junk", [None, "junk", 7, [], {}, {"source": "webhook"}, {"record": {"id": "ord_1"}}])
def test_junk_is_neither_an_envelope_nor_an_error(junk: object) -> None:
    assert open_envelope(junk) is None


def test_a_read_is_news_when_status_or_time_advanced() -> None:
    record = OrderStatus.model_validate(
        {"order": {"id": "ord_1", "status": "swapping", "updatedAt": START.isoformat()}}
    ).order

    assert is_news(None, None, record)
    assert is_news("processing", START, record)
    assert is_news("swapping", START - timedelta(seconds=1), record)
    assert not is_news("swapping", START, record)
