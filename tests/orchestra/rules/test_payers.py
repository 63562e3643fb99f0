"""A payer's limit and region are checked before an invoice is made that nobody could pay."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.orchestra.rules.payers import (
    PAYER_LIMIT_CENTS,
    PayerLimitError,
    Payment,
    check_payer_limit,
    is_excluded,
    region_objection,
    room_cents,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
NYC = ["US-NY-NYC"]


def paid(cents: int, days_ago: float) -> Payment:
    return Payment(NOW - timedelta(days=days_ago), cents)


def refusal(past: list[Payment], cents: int) -> PayerLimitError | None:
    try:
        check_payer_limit(past, cents, NOW)
    except PayerLimitError as error:
        return error
    return None


def test_a_new_payer_may_send_exactly_the_limit() -> None:
    check_payer_limit([], PAYER_LIMIT_CENTS, NOW)
    with pytest.raises(
        PayerLimitError, match=r"\$999\.01 is above .* \$999\.00 of \$999\.00 in 7 days; split"
    ) as raised:
        check_payer_limit([], PAYER_LIMIT_CENTS + 1, NOW)
    assert (raised.value.room_cents, raised.value.free_at) == (PAYER_LIMIT_CENTS, None)


def test_only_payments_within_the_window_count() -> None:
    past = [paid(50_000, 8), paid(40_000, 6), paid(10_000, 1), paid(7, 7)]
    assert room_cents(past, NOW) == 49_900


def test_a_refusal_says_when_the_amount_will_fit() -> None:
    past = [paid(10_000, 1), paid(40_000, 6), paid(40_000, 3)]
    with pytest.raises(PayerLimitError, match="it fits from 2026-03-11 12:00 UTC") as raised:
        check_payer_limit(past, 45_000, NOW)
    assert raised.value.room_cents == 9_900
    assert raised.value.free_at == NOW + timedelta(days=1)
    check_payer_limit(past, 45_000, NOW + timedelta(days=1))


def test_room_is_never_negative() -> None:
    assert room_cents([paid(200_000, 1)], NOW) == 0


def test_limit_and_window_are_configurable() -> None:
    past = [paid(100, 2)]
    check_payer_limit(past, 100, NOW, limit_cents=100, window=timedelta(days=2))
    with pytest.raises(PayerLimitError, match=r"\$1\.00 in 2\.5 days"):
        check_payer_limit(past, 1, NOW, limit_cents=100, window=timedelta(days=2.5))


@given(st.lists(st.tuples(st.integers(1, 60_000), st.integers(0, 20)), max_size=8), st.integers(1, 120_000))
def test_the_stated_time_is_the_first_at_which_the_amount_fits(past: list[tuple[int, int]], cents: int) -> None:
    payments = [paid(amount, days) for amount, days in past]
    refused = refusal(payments, cents)
    assert (refused is None) == (cents <= room_cents(payments, NOW))
    if refused is None:
        return
    assert (refused.free_at is None) == (cents > PAYER_LIMIT_CENTS)
    if refused.free_at is not None:
        check_payer_limit(payments, cents, refused.free_at)
        assert room_cents(payments, refused.free_at - timedelta(microseconds=1)) < cents


@pytest.mark.parametrize(
    ("region", "excluded"),
    [("US-NY-NYC", True), ("us-ny-nyc", True), ("US-NY-NYC-BX", True), ("US-NY", False), ("US-NY-NYCX", False)],
)
def test_a_region_is_excluded_with_everything_in_it(region: str, excluded: bool) -> None:
    assert is_excluded(region, NYC) is excluded


def test_a_payer_in_an_excluded_region_is_refused() -> None:
    objection = region_objection("US-NY-NYC", NYC)
    assert objection == "payerRegion: payers in US-NY-NYC cannot be served; the onramp's terms exclude them"


@pytest.mark.parametrize("region", ["US", "US-NY"])
def test_a_region_that_contains_an_excluded_one_is_too_coarse(region: str) -> None:
    objection = region_objection(region, NYC)
    assert objection == f"payerRegion: {region} is too coarse, since US-NY-NYC in it is excluded; name the place"


@pytest.mark.parametrize("region", ["US-CA", "US-NY-ALB", "DE", "USA"])
def test_any_other_region_is_served(region: str) -> None:
    assert region_objection(region, NYC) is None


def test_a_payer_without_a_region_is_refused_only_where_one_is_required() -> None:
    assert region_objection(None, NYC) is None
    assert "is missing" in (region_objection(None, NYC, required=True) or "")
    assert "is missing" in (region_objection("", NYC, required=True) or "")
    assert region_objection(None, [], required=True) is None
