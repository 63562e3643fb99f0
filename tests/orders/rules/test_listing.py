"""When the search attributes of an order are written: at once where somebody must act, late for what passes."""

import pytest

from baton.orders.models import Phase
from baton.orders.place_order import EDITION
from baton.orders.rules.listing import Listed, must_list
from tests.orders.states import attention, order, state, tracked

NOW = order().model_copy(update={"edition": EDITION})
OLDER = order().model_copy(update={"edition": 7})


@pytest.mark.parametrize(
    ("status", "stands", "expected"),
    [
        ("swapping", False, False),
        ("swapping", True, True),
        ("bridging", True, False),
        ("awaiting_approval", False, True),
        ("refunding", False, True),
        ("unfulfilled", False, True),
        ("polishing", False, False),
        ("polishing", True, True),
    ],
)
def test_a_status_is_listed_at_once_if_it_rests_and_late_if_it_passes(
    status: str, stands: bool, expected: bool
) -> None:
    listed, current = Listed.of(NOW, tracked("bridging")), Listed.of(NOW, tracked(status))

    assert must_list(listed, current, stands=stands) is expected
    assert not must_list(listed, current, status_counts=False, stands=stands)


def test_phase_and_attention_are_listed_at_once() -> None:
    listed = Listed.of(NOW, tracked("bridging"))

    assert must_list(None, listed)
    assert must_list(listed, Listed.of(NOW, tracked("bridging", attentions=attention("overdue", "late"))))
    assert must_list(listed, Listed.of(NOW, state(Phase.CLOSED)), status_counts=False)
    assert not must_list(listed, Listed.of(NOW, tracked("bridging")))


@pytest.mark.parametrize(
    ("status", "stands", "expected"),
    [("processing", False, False), ("processing", True, True), ("refunding", False, True), ("polishing", False, False)],
)
def test_that_an_order_is_tracked_is_listed_once_its_status_stands(status: str, stands: bool, expected: bool) -> None:
    listed, current = Listed.of(NOW, state(Phase.AWAITING_DEPOSIT)), Listed.of(NOW, tracked(status))

    assert must_list(listed, current, stands=stands, lazily=True) is expected
    assert must_list(listed, current, stands=stands, lazily=False)


def test_another_reason_for_attention_is_listed_at_once() -> None:
    before = tracked("swapping", attentions=attention("overdue"))
    after = tracked("swapping", attentions=attention("overdue") | attention("second_deposit"))

    assert must_list(Listed.of(NOW, before), Listed.of(NOW, after))
    assert not must_list(Listed.of(OLDER, before), Listed.of(OLDER, after))


def test_that_the_business_owes_an_answer_is_listed_at_once() -> None:
    listed = Listed.of(NOW, tracked("swapping"))
    asked = listed._replace(owner="business")

    assert must_list(listed, asked)
    assert must_list(asked, listed)


def test_any_other_wait_is_listed_once_it_stands() -> None:
    listed = Listed.of(NOW, state())
    confirming = listed._replace(owner="chain")

    assert not must_list(listed, confirming)
    assert must_list(listed, confirming, stands=True)


def test_a_new_order_is_listed_as_it_starts() -> None:
    quoting = state(Phase.QUOTING, quotes=[])

    assert not must_list(Listed.first(NOW, quoting), Listed.of(NOW, quoting))
    assert not must_list(Listed.first(OLDER, quoting), Listed.of(OLDER, quoting))
