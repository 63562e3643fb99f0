"""Tron's spelling of addresses and transactions, checked against tronpy."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tronpy.keys import is_base58check_address, to_base58check_address, to_hex_address

from baton.chains.deposits import Watch
from baton.chains.http import Provider
from baton.chains.spec import Family, Token
from baton.chains.tron import TronCodec, TronReader
from tests.chains.evm.node_server import ADDRESS, SPEC, WATCHES, FakeEvmNode, hash_of, log

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


async def test_two_transfers_of_a_tron_transaction_are_one_deposit() -> None:
    address = to_base58check_address("41" + ADDRESS[2:])
    usdt = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    contract = TronCodec().encode(usdt)
    paid = [log(960, address=contract, logIndex=hex(n), data=f"0x{amount:064x}") for n, amount in ((2, 60), (5, 40))]
    node = FakeEvmNode(eth_getLogs=lambda _: paid)
    spec = SPEC.model_copy(
        update={"name": "tron", "family": Family.TRON, "tokens": {"USDT": Token(contract=usdt, decimals=6)}}
    )
    reader = TronReader(spec, Provider("https://tron.example.com", transport=httpx.MockTransport(node)))

    [deposit] = (await reader.scan([Watch(address=address, since=WATCHES[0].since)], None)).deposits

    assert (deposit.amount, deposit.index, deposit.parts, deposit.symbol) == (100, "2", ("2", "5"), "USDT")
    assert (deposit.address, deposit.asset, deposit.tx_id) == (address, usdt, hash_of(967)[2:])
