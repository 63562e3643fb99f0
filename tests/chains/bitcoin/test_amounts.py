"""bitcoind's amounts, JSON numbers of BTC, become exactly the satoshis that were sent."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from baton.chains.bitcoin.wire import satoshis

ALL = 21_000_000 * 100_000_000


@given(st.integers(0, ALL))
@example(1)
@example(ALL)
@example(ALL - 1)
def test_every_possible_amount_survives_a_float(amount: int) -> None:
    written = f"{amount // 10**8}.{amount % 10**8:08d}"
    assert satoshis(json.loads(written)) == amount
    assert satoshis(json.loads(f"-{written}")) == -amount


@pytest.mark.parametrize("value", [True, "0.1", None, [], 0.123456789, 21_000_001, float("nan"), float("inf"), 1e-9])
def test_an_invalid_amount_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="amount"):
        satoshis(value)
