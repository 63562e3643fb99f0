"""The steps of a payment stand in the order in which its route takes them."""

from typing import Any

import pytest

from baton.gateway.pay.steps import Mark, steps_of
from baton.gateway.pay.texts import load_texts
from baton.orders.models import Outcome, Phase
from baton.orders.observation import Transition
from tests.reconciliation.test_verdicts import order


def steps(*statuses: str, **changes: Any) -> list[tuple[str, Mark]]:
    transitions = [Transition(status=status, source="webhook") for status in statuses]
    open_order = {"outcome": None, "phase": Phase.TRACKING, "closed_at": None}
    shown = order(**{**open_order, "status": statuses[-1], "transitions": transitions, **changes})
    return [(step.name, step.mark) for step in steps_of(shown, load_texts())]


@pytest.mark.parametrize(
    ("statuses", "names"),
    [
        (["processing", "swapping"], ["deposit", "confirming", "swapping", "delivering", "completed"]),
        (
            ["processing", "bridging", "swapping"],
            ["deposit", "confirming", "bridging", "swapping", "delivering", "completed"],
        ),
        (
            ["processing", "swapping", "bridging"],
            ["deposit", "confirming", "swapping", "bridging", "delivering", "completed"],
        ),
    ],
)
def test_the_last_status_is_the_step_in_progress(statuses: list[str], names: list[str]) -> None:
    shown = steps(*statuses)
    assert [name for name, _ in shown] == names
    assert [name for name, mark in shown if mark is Mark.NOW] == [statuses[-1]]


def test_a_completed_payment_has_every_step_done() -> None:
    shown = steps("processing", "swapping", "completed", outcome=Outcome.COMPLETED, phase=Phase.CLOSED)
    assert {mark for _, mark in shown} == {Mark.DONE}


def test_a_refund_has_its_own_way() -> None:
    assert steps("processing", "refunding")[1:] == [("refunding", Mark.NOW), ("refunded", Mark.TODO)]
    ended = steps("processing", "refunding", "refunded", outcome=Outcome.REFUNDED, phase=Phase.CLOSED)
    assert ended[-1] == ("refunded", Mark.DONE)


def test_a_payment_that_never_came_has_no_steps() -> None:
    assert steps("processing", outcome=Outcome.EXPIRED, phase=Phase.CLOSED) == []
