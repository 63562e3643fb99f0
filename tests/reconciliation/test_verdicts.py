"""What counts as a difference between both books, and what does not."""

from datetime import UTC, datetime, timedelta

import pytest

from baton.orchestra.models import OrderRecord
from baton.orders.models import Outcome, Phase
from baton.reconciliation.verdicts import BookVerdict, judge, judge_foreign
from tests.reconciliation.books import snapshot_of

LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
NOW = LONG_AGO + timedelta(days=1)


def record(**fields):
    values = {"id": "ord_1", "status": "completed", "quoteId": "q_1", "amountIn": "100", "amountOut": "90"}
    return OrderRecord.model_validate({**values, "updatedAt": LONG_AGO.isoformat(), **fields})


def order(**changes):
    return snapshot_of(record(), LONG_AGO, **changes)


OPEN = {"outcome": None, "phase": Phase.TRACKING, "closed_at": None}


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict"),
    [
        ({}, {}, BookVerdict.AGREEING),
        ({"status": "refunded", "outcome": Outcome.REFUNDED}, {"status": "refunded"}, BookVerdict.AGREEING),
        ({"status": "unfulfilled", "outcome": Outcome.UNFULFILLED}, {"status": "unfulfilled"}, BookVerdict.AGREEING),
        ({"status": "unfulfilled", "outcome": Outcome.UNFULFILLED}, {"status": "swapping"}, BookVerdict.WRONG),
        ({"status": "swapping", **OPEN}, {"status": "bridging"}, BookVerdict.NOT_DUE),
        ({"status": "processing", **OPEN}, {"status": "paused"}, BookVerdict.NOT_DUE),
        ({"status": "swapping", **OPEN}, {"status": "failed"}, BookVerdict.WRONG),
        ({"status": "swapping", **OPEN}, {"status": "unfulfilled"}, BookVerdict.NOT_DUE),
        ({"outcome": Outcome.CANCELLED, "status": None}, {"status": "processing"}, BookVerdict.AGREEING),
        ({"quote_id": "q_2"}, {}, BookVerdict.WRONG),
        ({"order_id": "ord_2"}, {}, BookVerdict.WRONG),
        ({"order_id": "ord_2", "superseded": ["ord_1"]}, {}, BookVerdict.AGREEING),
        ({"amount_out": None}, {}, BookVerdict.AGREEING),
        ({"amount_out": 91}, {}, BookVerdict.WRONG),
        ({"fee_asset": "USDC"}, {"feeAsset": "USDB"}, BookVerdict.WRONG),
        ({"refund": {"tx_hash": "0xa"}}, {"refundTxHash": "0xb"}, BookVerdict.WRONG),
        ({"destination_tx_hash": "0xA"}, {"destinationTxHash": "0xa"}, BookVerdict.AGREEING),
        ({"destination_tx_hash": "0xa"}, {"destinationTxHash": "0xb"}, BookVerdict.WRONG),
        ({"refund": {"amount": "5"}}, {"refundAmount": "5"}, BookVerdict.AGREEING),
    ],
)
def test_an_order_in_both_books_is_judged_by_what_both_say(ours, theirs, verdict):
    assert judge(order(**ours), record(**theirs), NOW).verdict is verdict


@pytest.mark.parametrize(
    ("ours", "known_missing", "verdict"),
    [
        ({"order_id": None, "outcome": Outcome.EXPIRED}, False, BookVerdict.AGREEING),
        ({"order_id": None, **OPEN}, False, BookVerdict.NOT_DUE),
        ({}, True, BookVerdict.UNKNOWN_THERE),
        ({}, False, BookVerdict.NOT_DUE),
    ],
)
def test_an_order_that_orchestra_does_not_show_is_judged_by_its_id(ours, known_missing, verdict):
    assert judge(order(**ours), None, NOW, known_missing=known_missing).verdict is verdict


def test_a_change_within_the_grace_is_not_due_on_either_side():
    recent = (NOW - timedelta(minutes=5)).isoformat()
    assert (
        judge(order(status="failed", outcome=Outcome.FAILED), record(updatedAt=recent), NOW).verdict
        is BookVerdict.NOT_DUE
    )
    assert judge_foreign(record(updatedAt=recent), NOW).verdict is BookVerdict.NOT_DUE
    assert judge_foreign(record(), NOW).verdict is BookVerdict.UNKNOWN_HERE
