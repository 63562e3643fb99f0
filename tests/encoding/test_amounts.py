"""Amounts are exact or refused, times are in UTC or refused, and the tolerant fields never raise."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from baton.encoding.amounts import MAX_AMOUNT, Amount, Time, TolerantAmount, TolerantTime, parse_amount
from baton.orchestra.tolerant_fields import Memo, Route, TolerantCount, TolerantFlag

NOT_AMOUNTS: list[Any] = [
    1.0,
    1.5,
    True,
    None,
    [],
    {},
    "",
    " 1",
    "1 ",
    "+1",
    "-1",
    -1,
    "1.0",
    "1e6",
    "1_000",
    "0x10",
    "१२",
    "²",
]
AMOUNTS = st.integers(min_value=0, max_value=MAX_AMOUNT)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


class Strict(BaseModel):
    amount: Amount = 0
    time: Time = datetime(2026, 1, 1, tzinfo=UTC)
    memo: Memo = None


class Tolerant(BaseModel):
    amount: TolerantAmount = None
    time: TolerantTime = None
    count: TolerantCount = None
    flag: TolerantFlag = None
    route: Route = []


@given(AMOUNTS)
@settings(deadline=None)
def test_every_amount_survives_json_exactly(amount: int) -> None:
    sent = Strict(amount=amount)
    assert sent.model_dump(mode="json")["amount"] == str(amount)
    assert Strict.model_validate_json(sent.model_dump_json()).amount == amount
    assert Tolerant.model_validate_json(sent.model_dump_json()).amount == amount


@given(AMOUNTS, st.integers(min_value=0, max_value=5))
@settings(deadline=None)
def test_leading_zeros_do_not_change_an_amount(amount: int, zeros: int) -> None:
    text = "0" * zeros + str(amount)
    if len(text) <= 78:
        assert parse_amount(text) == amount


@pytest.mark.parametrize("value", NOT_AMOUNTS, ids=repr)
def test_a_value_that_is_not_a_whole_number_is_refused_or_none(value: Any) -> None:
    with pytest.raises(ValueError, match="amount"):
        parse_amount(value)
    assert Tolerant(amount=value).amount is None


@pytest.mark.parametrize("value", [MAX_AMOUNT + 1, str(MAX_AMOUNT + 1), "9" * 79, "9" * 5000, "0" * 5000])
def test_a_number_larger_than_any_chain_holds_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="at most"):
        parse_amount(value)
    assert Tolerant(amount=value).amount is None


def test_a_refusal_does_not_repeat_a_long_value() -> None:
    with pytest.raises(ValueError, match="digits only") as refused:
        parse_amount("x" * 10_000)
    assert len(str(refused.value)) < 100


@given(ANYTHING)
@settings(deadline=None)
def test_the_tolerant_fields_accept_any_value(value: Any) -> None:
    read = Tolerant(amount=value, time=value, count=value, flag=value, route=value)
    assert read.amount is None or 0 <= read.amount <= MAX_AMOUNT
    assert read.count is None or abs(read.count) < 2**63
    assert read.time is None or read.time.utcoffset() == timedelta(0)
    assert all(isinstance(step, str) for step in read.route)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (50, 50),
        ("50", 50),
        (50.0, 50),
        (-1, -1),
        (50.5, None),
        (True, None),
        ("-1", None),
        (2**63, None),
        (1e300, None),
    ],
    ids=repr,
)
def test_a_count_reads_whole_numbers_only(value: Any, count: int | None) -> None:
    assert Tolerant(count=value).count == count


@pytest.mark.parametrize(("value", "flag"), [(True, True), (False, False), (1, None), ("true", None), (None, None)])
def test_a_flag_is_a_json_boolean_or_nothing(value: Any, flag: bool | None) -> None:
    assert Tolerant(flag=value).flag is flag


def test_a_time_without_a_zone_is_utc_and_others_are_converted() -> None:
    noon = datetime(2026, 1, 15, 12, 5, 45, tzinfo=UTC)
    for text in ("2026-01-15T12:05:45.000Z", "2026-01-15T12:05:45", "2026-01-15T14:05:45+02:00"):
        assert Strict.model_validate({"time": text}).time == noon
        assert Tolerant.model_validate({"time": text}).time == noon
    shifted = Strict(time=noon.astimezone(timezone(timedelta(hours=-7)))).time
    assert shifted.utcoffset() == timedelta(0)


@pytest.mark.parametrize("value", ["soon", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59-14:00", ""])
def test_an_impossible_time_is_refused_or_none(value: str) -> None:
    with pytest.raises(ValidationError):
        Strict.model_validate({"time": value})
    assert Tolerant.model_validate({"time": value}).time is None


def test_a_memo_may_be_a_number_and_an_unreadable_one_is_refused() -> None:
    assert Strict.model_validate({"memo": 104_233}).memo == "104233"
    assert Strict.model_validate({"memo": "te:abc"}).memo == "te:abc"
    assert Strict.model_validate({"memo": None}).memo is None
    with pytest.raises(ValidationError):
        Strict.model_validate({"memo": {"tag": 1}})


def test_the_schema_of_an_amount_lets_callers_pass_a_string() -> None:
    class Priced(BaseModel):
        amount: Amount
        maybe: TolerantAmount = None

    fields = Priced.model_json_schema()["properties"]

    assert {kind["type"] for kind in fields["amount"]["anyOf"]} == {"string", "integer"}
    assert {kind["type"] for kind in fields["maybe"]["anyOf"]} == {"string", "integer", "null"}
