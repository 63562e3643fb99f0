"""Whether an offer is open, and whether an approval is ours to give."""

from typing import Any

import pytest

from baton.orchestra.models import OrderRecord
from baton.orders.rules.zeroconf import needs_operator, still_open


def record(status: str = "awaiting_approval", **questions: Any) -> OrderRecord:
    return OrderRecord.model_validate({"id": "ord_1", "status": status, **questions})


OFFER = {"zeroconfOffer": {"status": "pending", "quoteId": "z_1"}}
SETTLED = {"zeroconfOffer": {"status": "denied", "quoteId": "z_1"}}
REPRICE = {"reprice": {"status": "pending"}}


def test_a_pending_offer_is_open_while_the_order_awaits_approval() -> None:
    assert still_open(record(**OFFER), "z_1")


@pytest.mark.parametrize(
    ("seen", "offer_id"),
    [
        (record("swapping", **OFFER), "z_1"),
        (record(**SETTLED), "z_1"),
        (record(**OFFER), "z_2"),
        (record(), "z_1"),
    ],
    ids=["other status", "settled", "another offer", "no offer"],
)
def test_any_other_offer_is_not_open(seen: OrderRecord, offer_id: str) -> None:
    assert not still_open(seen, offer_id)


@pytest.mark.parametrize("question", [OFFER, REPRICE], ids=["offer", "repricing"])
def test_an_approval_with_an_open_question_is_ours(question: dict[str, Any]) -> None:
    assert not needs_operator(record(**question))


@pytest.mark.parametrize("question", [{}, SETTLED], ids=["no question", "settled offer"])
def test_an_approval_without_an_open_question_is_orchestras_hold(question: dict[str, Any]) -> None:
    assert needs_operator(record(**question))


def test_no_hold_where_no_approval_is_awaited() -> None:
    assert not needs_operator(record("swapping"))
