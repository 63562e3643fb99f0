"""Which events are deposits; decoding is checked against eth-abi."""

import pytest
from eth_abi import encode as abi_encode
from hypothesis import given
from hypothesis import strategies as st

from baton.chains.deposits import MAX_PARTS
from baton.chains.evm.codec import word
from baton.chains.evm.transfers import COIN_EVENTS, EvmTransfer, summed, transfer_in
from baton.chains.evm.wire import TRANSFER, Log
from baton.encoding.amounts import MAX_AMOUNT

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
    assert (found is None) is (sender == receiver)
    if found is None:
        return
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
        {"topics": [TRANSFER, word(ADDRESS), word(ADDRESS)]},
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
        "to itself",
    ],
)
def test_other_events_are_no_deposits(changes: dict[str, object]) -> None:
    assert transfer_in(log()) is not None
    assert transfer_in(log(**changes)) is None


def _transfer(place: str, amount: int = 1, **changes: object) -> EvmTransfer:
    found = transfer_in(log())
    assert found is not None
    return found._replace(place=place, amount=amount, **changes)


def test_transfers_of_one_asset_to_one_address_are_summed() -> None:
    fake, other = "0x" + "fa" * 20, "0x" + "bb" * 20
    found = summed([_transfer("10", 40), _transfer("9", 60), _transfer("9", 60), _transfer("3", 5, contract=fake),
                    _transfer("4", 6, address=other), _transfer("5", 7, tx_hash="0x2")])  # fmt: skip
    assert [(payment.place, payment.amount, payment.parts) for payment in found] == [
        ("9", 100, ("9", "10")), ("3", 5, ()), ("4", 6, ()), ("5", 7, ()),
    ]  # fmt: skip


def test_a_transaction_that_moved_while_it_was_read_counts_once() -> None:
    moved = [_transfer("4", 60, block_hash="0xnew"), _transfer("6", 40, block_hash="0xnew")]
    [payment] = summed([_transfer("3", 60), _transfer("5", 40), *moved])
    assert (payment.amount, payment.place, payment.block_hash) == (100, "4", "0xnew")


def test_the_parts_and_the_amount_of_a_sum_are_bounded() -> None:
    [payment] = summed(_transfer(str(place), MAX_AMOUNT) for place in range(5000))
    assert (payment.amount, len(payment.parts), payment.place) == (MAX_AMOUNT, MAX_PARTS, "0")
