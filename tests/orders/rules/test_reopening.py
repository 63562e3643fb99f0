"""Money that comes while the end of an order is still being written."""

import pytest

from baton.orders.models import Outcome, Phase
from baton.orders.observation import OrderView
from baton.orders.rules.present import merge
from baton.orders.rules.reopening import MoneyFacts, phase_for_money
from baton.orders.state import OrderState
from tests.chains.deposits import deposit
from tests.orders.rules.test_deadlines import shown
from tests.orders.states import known_deposit, seen, state

NOTHING = MoneyFacts.of(state())


def ended(outcome: Outcome, **fields: object) -> OrderState:
    return state(Phase.CLOSED, outcome=outcome, **fields)


def test_without_news_the_order_stays_ended() -> None:
    assert phase_for_money(ended(Outcome.EXPIRED), NOTHING) is None


def test_a_deposit_reopens_an_expired_order() -> None:
    assert phase_for_money(ended(Outcome.EXPIRED, deposits=[known_deposit()]), NOTHING) is Phase.SUBMITTING
    assert phase_for_money(shown(ended(Outcome.EXPIRED), deposit()), NOTHING) is not None


def test_a_deposit_does_not_undo_a_cancel() -> None:
    assert phase_for_money(ended(Outcome.CANCELLED, deposits=[known_deposit()]), NOTHING) is None


@pytest.mark.parametrize("outcome", [Outcome.EXPIRED, Outcome.CANCELLED])
def test_an_order_that_orchestra_made_is_tracked(outcome: Outcome) -> None:
    made = ended(outcome, view=merge(OrderView(), seen("processing")).view)

    assert phase_for_money(made, NOTHING) is Phase.TRACKING


def test_an_unfulfilled_order_is_tracked_once_it_is_resumed() -> None:
    at_the_end = MoneyFacts.of(state(view=merge(OrderView(), seen("unfulfilled")).view))
    resumed = ended(Outcome.UNFULFILLED, view=merge(OrderView(), seen("confirming")).view)

    assert phase_for_money(resumed, at_the_end) is Phase.TRACKING
    assert phase_for_money(ended(Outcome.COMPLETED, view=resumed.view), at_the_end) is None
