"""Which answers to a repricing can be sent, and the sentence that refuses the others."""

from typing import Any

import pytest

from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.reprice import RepriceAction
from baton.orders.reports import RepriceDecision
from baton.orders.rules.reprice import objection, open_question

QUESTION = {"status": "pending", "previousLockedMinAmountOut": "1000", "proposedMinAmountOut": "900"}


def record(source: str = "bitcoin", status: str = "awaiting_approval", **question: Any) -> OrderRecord:
    reprice = {**QUESTION, **question}
    return OrderRecord.model_validate({"id": "ord_1", "status": status, "sourceChain": source, "reprice": reprice})


def problem(decision: RepriceDecision, asked: OrderRecord | None = None, refund_address: str | None = "bc1q") -> str:
    return objection(asked or record(), decision, refund_address) or ""


def test_a_pending_question_is_open_only_while_approval_is_awaited() -> None:
    assert open_question(record()) is not None
    assert open_question(record(status="swapping")) is None
    assert open_question(record(**{"status": "swapping"})) is None
    assert open_question(None) is None


def test_an_answer_needs_an_open_question() -> None:
    decision = RepriceDecision(action=RepriceAction.REJECT)

    assert objection(None, decision, None) == "no repricing waits for an answer"


@pytest.mark.parametrize("minimum", [None, 1, 900, 1000])
def test_an_approval_up_to_the_locked_minimum_is_sent(minimum: int | None) -> None:
    assert problem(RepriceDecision(action=RepriceAction.APPROVE, minimum=minimum)) == ""


def test_an_approval_above_the_locked_minimum_is_refused_with_the_bound() -> None:
    assert "1000" in problem(RepriceDecision(action=RepriceAction.APPROVE, minimum=1001))


def test_an_approval_must_name_a_minimum_if_none_is_proposed() -> None:
    unproposed = record(proposedMinAmountOut=None)

    assert problem(RepriceDecision(action=RepriceAction.APPROVE), unproposed).startswith("minimum: ")
    assert problem(RepriceDecision(action=RepriceAction.APPROVE, minimum=5), unproposed) == ""


def test_only_an_approval_may_name_a_minimum() -> None:
    assert problem(RepriceDecision(action=RepriceAction.REJECT, minimum=1)).startswith("minimum: ")


def test_a_refund_can_be_asked_for_from_bitcoin_only() -> None:
    decision = RepriceDecision(action=RepriceAction.REFUND)

    assert problem(decision) == ""
    assert "use reject" in problem(decision, record(source="base"))


def test_a_refund_needs_an_address_from_the_order_or_the_answer() -> None:
    assert problem(RepriceDecision(action=RepriceAction.REFUND), refund_address=None).startswith("refund_address: ")
    named = RepriceDecision(action=RepriceAction.REFUND, refund_address="bc1qother")
    assert problem(named, refund_address=None) == ""


def test_asking_is_no_answer() -> None:
    assert problem(RepriceDecision(action=RepriceAction.ASK)).startswith("action: ")
