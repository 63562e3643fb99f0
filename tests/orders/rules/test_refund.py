"""A refund's patience depends on its chain, and its report says what came back."""

from datetime import timedelta

import pytest

from baton.orchestra.lifecycle import HARD_ENDS, Status
from baton.orchestra.models import OrderRecord
from baton.orders.rules.refund import ended, refund_patience, report_of


def record(**fields: object) -> OrderRecord:
    return OrderRecord.model_validate({"id": "ord_1", "status": "refunding", **fields})


@pytest.mark.parametrize(
    ("chain", "hours"), [("bitcoin", 24), ("lightning", 2), ("spark", 2), ("solana", 6), ("base", 12), ("unknown", 12)]
)
def test_each_source_chain_has_its_own_patience(chain: str, hours: int) -> None:
    assert refund_patience(chain) == timedelta(hours=hours)


@pytest.mark.parametrize("status", list(Status))
def test_a_refund_is_over_at_a_hard_end_and_nowhere_else(status: Status) -> None:
    assert ended(record(status=status.value)) is (status in HARD_ENDS)


def test_a_report_has_asset_amount_transaction_and_cause() -> None:
    report = report_of(
        record(
            status="refunded",
            refundAsset="USDC",
            refundAmount="100",
            refundTxHash="0xback",
            errorCode="slippage_exceeded",
            errorMessage="the price moved",
        )
    )

    assert (report.status, report.asset, report.amount, report.tx_hash) == ("refunded", "USDC", 100, "0xback")
    assert (report.cause.code, report.cause.message) == ("slippage_exceeded", "the price moved")


def test_a_refund_without_an_error_has_no_cause() -> None:
    assert report_of(record()).cause is None
