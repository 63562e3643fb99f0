"""What of an order the read model must not lack."""

from baton.orders.models import Outcome, Phase
from baton.orders.rules.read_model import must_show
from baton.orders.snapshot import snapshot_of
from tests.orders.rules.test_deadlines import HELD
from tests.orders.states import NOON, attention, order, refused, state, tracked


def test_progress_may_be_missed() -> None:
    facts = {must_show(snapshot_of(order(), tracked(status))) for status in ("processing", "swapping", "delivering")}

    assert facts == {frozenset()}


def test_a_question_to_the_business_must_be_shown() -> None:
    asked = snapshot_of(order(), state(deposits=[refused()]))

    assert must_show(asked) == {"a correct deposit report"}


def test_each_reason_for_attention_must_be_shown_and_its_end_too() -> None:
    late = snapshot_of(order(), tracked("swapping", attentions=attention("overdue", "late")))

    assert must_show(late) == {"overdue"}
    assert must_show(late) != must_show(snapshot_of(order(), tracked("swapping")))


def test_the_hold_behind_which_an_order_waits_must_be_shown() -> None:
    submitting = state(Phase.SUBMITTING, submit_started_at=NOON)
    held = submitting.model_copy(update={"held": HELD})

    assert must_show(snapshot_of(order(), held)) == {"hold-1"}
    assert must_show(snapshot_of(order(), submitting)) == frozenset()


def test_the_end_must_be_shown() -> None:
    assert must_show(snapshot_of(order(), state(Phase.CLOSED, outcome=Outcome.EXPIRED))) == {"expired"}
