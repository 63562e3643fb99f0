"""Tron's spelling of addresses and transactions, checked against tronpy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tronpy.keys import is_base58check_address, to_base58check_address, to_hex_address

from baton.chains.tron import TronCodec

HASH = "0x" + "12" * 32
EVM_ADDRESS = "0x" + "c" * 40


@given(st.binary(min_size=20, max_size=20))
def test_tron_addresses_are_spelled_as_tronpy_does(raw: bytes) -> None:
    inner, codec = "0x" + raw.hex(), TronCodec()
    spelled = codec.decode(inner)
    assert spelled == to_base58check_address("41" + raw.hex())
    assert is_base58check_address(spelled)
    assert codec.encode(spelled) == inner == "0x" + to_hex_address(spelled)[2:]


@pytest.mark.parametrize(
    "address", ["", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", EVM_ADDRESS, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"]
)
def test_an_invalid_tron_address_is_none(address: str) -> None:
    assert TronCodec().encode(address) is None


def test_tron_transactions_have_no_prefix() -> None:
    codec = TronCodec()
    assert codec.tx_id(HASH) == HASH[2:]
    assert codec.tx_hash(codec.tx_id(HASH)) == HASH
