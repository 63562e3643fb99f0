"""Amounts in whole units are exact, whatever their size."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.encoding.units import is_plausible, whole


@given(st.integers(0, 2**256 - 1), st.integers(0, 30))
def test_an_amount_is_written_exactly_without_trailing_zeros(amount: int, decimals: int) -> None:
    text = whole(amount, decimals)
    units, _, fraction = text.partition(".")
    assert int(units + fraction) * 10 ** (decimals - len(fraction)) == amount
    assert not fraction.endswith("0")
    assert not text.endswith(".")
    assert "e" not in text.lower()
    assert Decimal(text) >= 0


@pytest.mark.parametrize(("decimals", "plausible"), [(None, False), (-1, False), (0, True), (40, True), (41, False)])
def test_only_a_number_that_an_asset_can_have_is_plausible(decimals: int | None, plausible: bool) -> None:
    assert is_plausible(decimals) is plausible
