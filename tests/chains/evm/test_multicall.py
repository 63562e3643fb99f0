"""The call for many balances, checked against eth-abi."""

import pytest
from eth_abi import decode as abi_decode
from eth_abi import encode as abi_encode
from hypothesis import given
from hypothesis import strategies as st

from baton.chains.evm.multicall import MULTICALL, balances_call, balances_in

raw_addresses = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())


@given(st.lists(raw_addresses, max_size=6))
def test_the_balances_call_is_encoded_as_by_the_abi(addresses: list[str]) -> None:
    data = balances_call(addresses)
    assert data.startswith("0x82ad56cb")
    (calls,) = abi_decode(["(address,bool,bytes)[]"], bytes.fromhex(data[10:]))
    expected = [bytes.fromhex("4d2301cc") + abi_encode(["address"], [address]) for address in addresses]
    assert [(target.lower(), may_fail, what) for target, may_fail, what in calls] == [
        (MULTICALL, False, call) for call in expected
    ]


@given(st.lists(st.integers(min_value=0, max_value=2**256 - 1), max_size=6))
def test_balances_are_decoded_as_by_the_abi(balances: list[int]) -> None:
    results = [(True, abi_encode(["uint256"], [balance])) for balance in balances]
    answer = "0x" + abi_encode(["(bool,bytes)[]"], [results]).hex()
    assert balances_in(answer, len(balances)) == balances
    assert balances_in(answer, len(balances) + 1) is None
    assert balances_in(answer[:-2], len(balances)) is None or not balances


@pytest.mark.parametrize(
    "answer",
    ["0x", "0x" + "ff" * 64, "0xzz", "0x" + abi_encode(["(bool,bytes)[]"], [[(False, b"\0" * 32)]]).hex()],
)
def test_an_answer_without_balances_is_none(answer: str) -> None:
    assert balances_in(answer, 1) is None
