"""An order behind a hold says so, and tries again by itself at growing pauses."""

from datetime import timedelta

from baton.holds.models import CallHeld, HeldCalls
from baton.orders.models import OrderPolicy, Phase
from baton.orders.rules.deadlines import DeadlineAction, next_deadline
from baton.orders.rules.holds import end_hold, note_held, note_releases
from baton.orders.rules.wait_plans import HOLD_LOOKS
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState
from tests.orders.states import NOON, attention, known_deposit, order, state, tracked

LATER = NOON + timedelta(minutes=1)


def stopped(number: int = 1, what: HeldCalls = HeldCalls.SUBMITS, refused: int = 0) -> CallHeld:
    return CallHeld(hold_id=f"hold-{number}", what=what, reason="the node is behind", since=NOON, refused=refused)


def submitting(**fields: object) -> OrderState:
    return state(Phase.SUBMITTING, deposits=[known_deposit()], submit_started_at=NOON, **fields)


def test_a_held_submit_waits_for_an_operator_and_needs_no_attention() -> None:
    known = submitting()
    note_held(known, stopped(), NOON)

    deadline = next_deadline(known, OrderPolicy())

    assert deadline is not None
    assert (deadline.action, deadline.at) == (DeadlineAction.SUBMIT_AGAIN, NOON + HOLD_LOOKS.first)
    assert deadline.waiting.who == "operator"
    assert "hold-1" in deadline.waiting.what
    assert "the node is behind" in deadline.waiting.what
    assert "late or not" in deadline.waiting.then
    assert known.attentions == {}


def test_a_hold_leaves_an_overdue_attention_and_its_own_words() -> None:
    known = submitting(attentions=attention("overdue", "too long"), reminders=2)
    note_held(known, stopped(), NOON)

    deadline = next_deadline(known, OrderPolicy())

    assert deadline is not None
    assert deadline.action is DeadlineAction.SUBMIT_AGAIN


def test_each_try_in_vain_makes_the_next_pause_longer_up_to_a_bound() -> None:
    known, pauses = submitting(), []
    for _ in range(8):
        note_held(known, stopped(), NOON)
        assert known.held is not None
        pauses.append(known.held.look_at - NOON)

    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses[-1] == HOLD_LOOKS.longest
    assert known.held.looks == 8


def test_another_hold_takes_over_and_the_wait_began_with_the_first() -> None:
    known = submitting()
    note_held(known, stopped(1), NOON)
    note_held(known, stopped(2, refused=3), LATER)

    assert known.held is not None
    assert (known.held.hold_id, known.held.waits_since) == ("hold-2", NOON)
    assert known.submits_refused == 3


def test_only_the_release_of_its_own_hold_lets_an_order_go_on() -> None:
    known = submitting()
    note_held(known, stopped(2), NOON)

    note_releases(known, ["hold-1"])
    assert known.held is not None
    note_releases(known, ["hold-1", "hold-2"])
    assert known.held is None


def test_a_held_approval_waits_for_an_operator_until_its_status_is_overdue() -> None:
    known = tracked("awaiting_approval")
    before = next_deadline(known, OrderPolicy())
    note_held(known, stopped(what=HeldCalls.APPROVALS), NOON)

    deadline = next_deadline(known, OrderPolicy())

    assert deadline is not None
    assert before is not None
    assert (deadline.waiting.who, deadline.action, deadline.at) == ("operator", before.action, before.at)
    assert "stops approvals" in deadline.waiting.what


def test_a_hold_on_approvals_ends_with_the_question() -> None:
    known = tracked("awaiting_approval")
    note_held(known, stopped(what=HeldCalls.APPROVALS), NOON)

    end_hold(known, HeldCalls.SUBMITS)
    assert known.held is not None
    end_hold(known, HeldCalls.APPROVALS)
    assert known.held is None


def test_the_next_generation_of_a_submit_begins_with_its_first_key() -> None:
    known = submitting(submits_refused=3)

    known.next_submit()

    assert (known.submit_generation, known.submits_refused) == (2, 0)


def test_the_snapshot_shows_the_hold() -> None:
    known = submitting()
    note_held(known, stopped(), NOON)

    assert snapshot_of(order(), known).held == known.held
