"""Which events are deposits; decoding is checked against eth-abi."""

import pytest
from eth_abi import encode as abi_encode
from hypothesis import given
from hypothesis import strategies as st

from baton.chains.evm.codec import word
from baton.chains.evm.node import TRANSFER
from baton.chains.evm.transfers import COIN_EVENTS, transfer_in
from baton.chains.evm.wire import Log

TOKEN, PAYER, ADDRESS = (f"0x{digit * 40}" for digit in "abc")
HASH = "0x" + "12" * 32
raw_addresses = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
amounts = st.integers(min_value=1, max_value=2**256 - 1)


def log(**changes: object) -> Log:
    fields = {
        "address": TOKEN, "topics": [TRANSFER, word(PAYER), word(ADDRESS)], "data": f"0x{5:064x}",
        "blockNumber": "0x10", "blockHash": HASH,
        "transactionHash": HASH.upper().replace("X", "x"), "logIndex": "0x3", "removed": False,
    }  # fmt: skip
    return Log.model_validate({**fields, **changes})


@given(raw_addresses, raw_addresses, amounts)
def test_a_transfer_event_is_decoded_as_by_the_abi(sender: str, receiver: str, amount: int) -> None:
    topics = [
        TRANSFER,
        "0x" + abi_encode(["address"], [sender]).hex(),
        "0x" + abi_encode(["address"], [receiver]).hex(),
    ]
    found = transfer_in(log(topics=topics, data="0x" + abi_encode(["uint256"], [amount]).hex()))
    assert found is not None
    assert (found.sender, found.address, found.amount) == (sender, receiver, amount)
    assert (found.contract, found.place, found.height, found.tx_hash) == (TOKEN, "3", 16, HASH)


@pytest.mark.parametrize(
    "changes",
    [
        {"removed": True},
        {"topics": [TRANSFER, word(PAYER)]},
        {"topics": [TRANSFER, word(PAYER), word(ADDRESS), word("0x07")], "data": "0x"},
        {"topics": [HASH, word(PAYER), word(ADDRESS)]},
        {"topics": [TRANSFER, word(PAYER), HASH]},
        {"data": f"0x{0:064x}"},
        {"data": "0x"},
        {"data": f"0x{5:0128x}"},
        {"address": COIN_EVENTS},
    ],
    ids=[
        "removed",
        "short",
        "collectible",
        "other",
        "no address",
        "nothing",
        "no data",
        "more data",
        "the chain's coin",
    ],
)
def test_other_events_are_no_deposits(changes: dict[str, object]) -> None:
    assert transfer_in(log()) is not None
    assert transfer_in(log(**changes)) is None
