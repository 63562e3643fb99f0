"""Deposits and refunds are compared exactly with what was agreed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.orchestra.models import OrderRecord, Quote
from baton.orchestra.rules.money import (
    AmountCheck,
    ReceivedAmount,
    deposited_amount,
    read_intent,
    received_amount,
    refund_is_short,
)
from tests.orchestra.calling import QUOTE
from tests.paths import FIXTURES

FIXTURE = FIXTURES / "seed003_webhook_order_refunding_exact_out.json"
INTENT = {
    "amountMode": "exact_out",
    "requiredAmountIn": "250000",
    "maxAcceptedAmountIn": "250050",
    "inputBufferBps": 2,
    "actualAmountIn": "250000",
}


def record(**fields: Any) -> OrderRecord:
    return OrderRecord.model_validate({"id": "ord_1", "status": "refunded", **fields})


def quote(**fields: Any) -> Quote:
    return Quote.model_validate({**QUOTE, **fields})


def intent(**fields: Any) -> OrderRecord:
    return record(amountIn="250000", paymentIntent={**INTENT, **fields})


def name_of(check: AmountCheck | None) -> ReceivedAmount | None:
    return None if check is None else check.name


@pytest.mark.parametrize(
    ("received", "name"), [("99", ReceivedAmount.SHORT), ("100", ReceivedAmount.EXACT), ("101", ReceivedAmount.OVER)]
)
def test_an_exact_in_deposit_is_short_exact_or_over(received: str, name: ReceivedAmount) -> None:
    check = received_amount(record(amountIn=received), quote())
    assert check == (name, int(received), 100, 100)
    assert check is not None
    agreed = f"{received} smallest units of X was received, 100 smallest units of X was agreed"
    assert check.sentence("X", None) == agreed
    assert check.sentence("X", 2).endswith("1 X (100 smallest units) was agreed")


def test_an_unknown_amount_is_not_compared() -> None:
    assert received_amount(record(), quote()) is None
    assert received_amount(record(amountIn="99"), None) is None


@pytest.mark.parametrize(
    ("actual", "name"),
    [
        ("249999", ReceivedAmount.BELOW_REQUIRED),
        ("250000", ReceivedAmount.WITHIN),
        ("250050", ReceivedAmount.WITHIN),
        ("250051", ReceivedAmount.ABOVE_MAX),
    ],
)
def test_an_exact_out_deposit_is_below_within_or_above_its_limits(actual: str, name: ReceivedAmount) -> None:
    check = received_amount(intent(actualAmountIn=actual), None)
    assert check == (name, int(actual), 250_000, 250_050)
    assert check is not None
    assert "at least 250000 smallest units of X and at most 250050 smallest units of X" in check.sentence("X", None)


def test_the_documented_exact_out_refund_is_below_required() -> None:
    order = OrderRecord.model_validate(json.loads(FIXTURE.read_text(encoding="utf-8"))["data"])
    assert received_amount(order, None) == (ReceivedAmount.BELOW_REQUIRED, 249_900, 250_000, 250_050)
    assert deposited_amount(order) == 249_900


def test_an_unknown_exact_out_deposit_is_not_compared() -> None:
    assert received_amount(intent(actualAmountIn=None), quote(amountMode="exact_out")) is None


def test_limits_missing_from_the_intent_come_from_the_quote() -> None:
    agreed = quote(amountMode="exact_out", requiredAmountIn="250000", maxAcceptedAmountIn="250050")
    bare = record(paymentIntent={"actualAmountIn": "250051"})
    assert name_of(received_amount(bare, agreed)) is ReceivedAmount.ABOVE_MAX


def test_a_missing_upper_limit_is_computed_from_the_buffer() -> None:
    record = intent(maxAcceptedAmountIn=None, actualAmountIn="250051")
    assert received_amount(record, None) == (ReceivedAmount.ABOVE_MAX, 250_051, 250_000, 250_050)


def test_a_buffer_missing_from_the_intent_comes_from_the_quote() -> None:
    agreed = quote(amountMode="exact_out", requiredAmountIn="250000", inputBufferBps=2)
    assert received_amount(record(paymentIntent={"actualAmountIn": "250051"}), agreed) == (
        ReceivedAmount.ABOVE_MAX,
        250_051,
        250_000,
        250_050,
    )
    differing = quote(amountMode="exact_out", inputBufferBps=100)
    assert name_of(received_amount(intent(maxAcceptedAmountIn=None, actualAmountIn="250051"), differing)) is (
        ReceivedAmount.ABOVE_MAX
    )


def test_without_an_upper_limit_no_deposit_is_above_it() -> None:
    check = received_amount(intent(maxAcceptedAmountIn=None, inputBufferBps=None, actualAmountIn="9999999"), None)
    assert check == (ReceivedAmount.WITHIN, 9_999_999, 250_000, None)
    assert check is not None
    assert check.sentence("X", None).endswith("was received, at least 250000 smallest units of X was agreed")


@pytest.mark.parametrize("odd", [None, "x", [], {"actualAmountIn": "-1"}, {"amountMode": 4}])
def test_an_odd_intent_does_not_disturb_an_exact_in_comparison(odd: Any) -> None:
    assert name_of(received_amount(record(amountIn="99", paymentIntent=odd), quote())) is ReceivedAmount.SHORT


def test_the_fiat_intent_of_a_dollar_order_is_not_exact_out() -> None:
    dollars = record(amountIn="100", paymentIntent={"amountFiatUsd": "25.00"})
    assert read_intent(dollars) is not None
    assert name_of(received_amount(dollars, quote())) is ReceivedAmount.EXACT


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6))
def test_every_exact_out_deposit_has_exactly_one_result(actual: int, required: int, room: int) -> None:
    most = required + room
    order = intent(actualAmountIn=str(actual), requiredAmountIn=str(required), maxAcceptedAmountIn=str(most))
    name = name_of(received_amount(order, None))
    assert (name is ReceivedAmount.BELOW_REQUIRED) == (actual < required)
    assert (name is ReceivedAmount.ABOVE_MAX) == (actual > most)
    assert (name is ReceivedAmount.WITHIN) == (required <= actual <= most)


@pytest.mark.parametrize(
    ("fields", "short"),
    [
        ({"amountIn": "100", "refundAmount": "99"}, True),
        ({"amountIn": "100", "refundAmount": "100"}, False),
        ({"amountIn": "100", "refundAmount": "101"}, False),
        ({"amountIn": "100", "refundAmount": "0"}, True),
        ({"amountIn": "100"}, False),
        ({"refundAmount": "1"}, False),
        ({"amountIn": "100", "refundAmount": "99", "sourceAsset": "BTC", "refundAsset": "BTC"}, True),
        ({"amountIn": "100", "refundAmount": "99", "sourceAsset": "BTC", "refundAsset": "USDB"}, False),
        ({"amountIn": "100", "refundAmount": "99", "sourceAsset": "BTC"}, True),
    ],
)
def test_a_refund_is_short_when_less_of_the_same_asset_comes_back(fields: dict, short: bool) -> None:
    assert refund_is_short(record(**fields)) is short


@pytest.mark.parametrize(("refunded", "short"), [("249900", False), ("249899", True)])
def test_an_exact_out_refund_is_compared_with_the_actual_deposit(refunded: str, short: bool) -> None:
    assert refund_is_short(intent(actualAmountIn="249900").model_copy(update={"refund_amount": int(refunded)})) is short
