"""The events of an order: one for each change, with ids that neither time, nor order of arrival, nor repeats change."""

from datetime import timedelta

from baton.ledger.rows import EventRow
from baton.orders.events import events_of
from baton.orders.models import Outcome, Phase
from baton.orders.observation import OrderView
from baton.orders.rules.attention import AttentionReason, clear_attention, raise_attention
from baton.orders.rules.changes import note_changes
from baton.orders.rules.present import merge
from baton.orders.rules.timeline import MAX_TRANSITIONS
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState
from tests.orders.states import NOON, order, quote, refused, seen, state, tracked


def events(known: OrderState) -> list[EventRow]:
    snapshot = snapshot_of(order(), known)
    return events_of(snapshot, snapshot.model_dump(mode="json"))


def types(known: OrderState) -> list[str]:
    return [event.type for event in events(known)]


def ids(known: OrderState) -> dict[str, str]:
    return {event.id: event.type for event in events(known)}


def view(*seconds: tuple[str, float]) -> OrderView:
    merged = OrderView()
    for status, second in seconds:
        merged = merge(merged, seen(status, second)).view
    return merged


def followed(merged: OrderView) -> OrderState:
    return state(Phase.TRACKING, view=merged, status_since=NOON)


def published(known: OrderState, second: float) -> OrderState:
    known.published_at = NOON + timedelta(seconds=second)
    note_changes(known, order().policy)
    return known


def test_an_order_that_awaits_its_deposit_was_placed() -> None:
    assert types(state()) == ["order.placed"]


def test_an_order_without_a_quote_has_no_event_yet() -> None:
    assert types(state(Phase.QUOTING)) == []


def test_an_order_refused_before_a_quote_has_only_its_end() -> None:
    assert types(state(Phase.CLOSED, quotes=[], outcome=Outcome.FAILED, closed_at=NOON)) == ["order.closed"]


def test_each_further_quote_is_an_event() -> None:
    assert types(state(quotes=[quote(1), quote(2), quote(3)])) == ["order.placed", "order.requoted", "order.requoted"]


def test_each_status_is_an_event_with_its_position() -> None:
    found = events(followed(view(("processing", 0), ("swapping", 5), ("completed", 9))))[1:]
    assert [(event.type, event.position) for event in found] == [
        ("order.processing", 0),
        ("order.swapping", 1),
        ("order.completed", 2),
    ]
    assert found[1].occurred_at == NOON + timedelta(seconds=5)


def test_a_status_reported_late_gives_the_others_no_second_event() -> None:
    before = ids(followed(view(("processing", 0), ("completed", 9))))
    after = ids(followed(view(("processing", 0), ("completed", 9), ("swapping", 5))))
    assert before.items() <= after.items()
    assert [kind for known, kind in after.items() if known not in before] == ["order.swapping"]


def test_a_status_that_comes_twice_is_two_events() -> None:
    again = view(("processing", 0), ("delayed", 3), ("processing", 6))
    assert list(ids(followed(again)).values()).count("order.processing") == 2


def test_ids_stay_when_old_statuses_are_left_out() -> None:
    moves = [("processing" if number % 2 else "delayed", number) for number in range(MAX_TRANSITIONS + 8)]
    whole = view(*moves[:MAX_TRANSITIONS])
    longer = view(*moves)
    before, after = events(followed(whole)), events(followed(longer))
    kept = {event.id: event.position for event in before[9:]}
    assert kept.items() <= {event.id: event.position for event in after}.items()
    assert [event.position for event in after[1:]] == list(range(8, MAX_TRANSITIONS + 8))


def test_another_run_of_the_reference_has_other_ids() -> None:
    later = state(opened_at=NOON + timedelta(days=1))
    assert ids(state()).keys().isdisjoint(ids(later))


def test_an_attention_is_one_event_when_raised_and_one_when_cleared() -> None:
    looked_at = state()
    raise_attention(looked_at, AttentionReason.OVERDUE, "late", NOON)
    assert types(published(looked_at, 1)) == ["order.placed", "order.attention_raised"]
    clear_attention(looked_at, AttentionReason.OVERDUE)
    assert types(published(looked_at, 2)) == ["order.placed", "order.attention_raised", "order.attention_cleared"]
    assert events(looked_at)[-1].occurred_at == NOON + timedelta(seconds=2)


def test_an_attention_raised_again_after_it_was_cleared_is_new() -> None:
    looked_at = state()
    for _ in range(2):
        raise_attention(looked_at, AttentionReason.OVERDUE, "late", NOON)
        raise_attention(looked_at, AttentionReason.OVERDUE, "still late", NOON)
        clear_attention(looked_at, AttentionReason.OVERDUE)
    found = ids(published(looked_at, 1))
    assert list(found.values()).count("order.attention_raised") == 2
    assert list(found.values()).count("order.attention_cleared") == 2


def test_a_decision_wanted_of_the_business_is_one_event_for_each_question() -> None:
    asked = state(deposits=[refused()])
    for second in (1, 2, 3):
        published(asked, second)
    assert types(asked) == ["order.placed", "order.decision_wanted"]
    asked.deposits.append(refused("0xsecond"))
    assert types(published(asked, 4)).count("order.decision_wanted") == 2


def test_an_event_carries_the_order_in_short() -> None:
    event = events(tracked("swapping"))[-1]
    assert event.data["status"] == "swapping"
    assert event.data["transition"] == {"status": "swapping", "at": "2026-02-01T12:00:00Z", "source": "webhook"}
    assert event.data["amounts"] == snapshot_of(order(), tracked("swapping")).model_dump(mode="json")["amounts"]
