"""What the EVM reader makes of single answers; decoding is checked against eth-abi, Tron's spelling against tronpy."""

import secrets
from datetime import UTC, datetime

import pytest
from eth_abi import decode as abi_decode
from eth_abi import encode as abi_encode
from hypothesis import given
from hypothesis import strategies as st
from tronpy.keys import is_base58check_address, to_base58check_address, to_hex_address

from baton.chains.evm.block_cache import BlockCache, CachedBlock
from baton.chains.evm.codec import EvmCodec, address_in, number_in, word
from baton.chains.evm.cursor import Backfill, EvmCursor, digest, digests_in, joined, parsed, with_watches
from baton.chains.evm.multicall import MULTICALL, balances_call, balances_in
from baton.chains.evm.node import TRANSFER
from baton.chains.evm.query_span import QuerySpan
from baton.chains.evm.traces import moves
from baton.chains.evm.transfers import COIN_EVENTS, transfer_in
from baton.chains.evm.wire import Frame, Log
from baton.chains.tron import TronCodec
from baton.encoding import base58
from baton.encoding.base58 import encode, encode_checked

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
def test_a_transfer_event_is_read_as_the_abi_says(sender: str, receiver: str, amount: int) -> None:
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


def test_words_that_hold_no_address_or_number_are_none() -> None:
    assert address_in("0x" + "ff" * 32) is None
    assert address_in("0x" + "00" * 20) is None
    assert number_in("0x1") is None


def test_an_address_is_compared_without_its_capitals_and_told_with_them() -> None:
    spelled = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    codec = EvmCodec()
    assert codec.encode(spelled) == codec.encode(spelled.lower()) == spelled.lower()
    assert codec.decode(spelled.lower()) == spelled
    assert codec.encode("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t") is None


@given(st.lists(raw_addresses, max_size=6))
def test_the_call_for_balances_is_what_the_abi_says(addresses: list[str]) -> None:
    data = balances_call(addresses)
    assert data.startswith("0x82ad56cb")
    (calls,) = abi_decode(["(address,bool,bytes)[]"], bytes.fromhex(data[10:]))
    asked = [bytes.fromhex("4d2301cc") + abi_encode(["address"], [address]) for address in addresses]
    assert [(target.lower(), may_fail, what) for target, may_fail, what in calls] == [
        (MULTICALL, False, one) for one in asked
    ]


@given(st.lists(st.integers(min_value=0, max_value=2**256 - 1), max_size=6))
def test_balances_are_read_as_the_abi_says(balances: list[int]) -> None:
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


@given(st.binary(min_size=20, max_size=20))
def test_tron_addresses_are_spelled_as_tronpy_does(raw: bytes) -> None:
    inner, codec = "0x" + raw.hex(), TronCodec()
    spelled = codec.decode(inner)
    assert spelled == to_base58check_address("41" + raw.hex())
    assert is_base58check_address(spelled)
    assert codec.encode(spelled) == inner == "0x" + to_hex_address(spelled)[2:]


@pytest.mark.parametrize(
    "address", ["", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", ADDRESS, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"]
)
def test_what_is_no_tron_address_is_none(address: str) -> None:
    assert TronCodec().encode(address) is None


def test_tron_transactions_have_no_prefix() -> None:
    codec = TronCodec()
    assert codec.tx_id(HASH) == HASH[2:]
    assert codec.tx_hash(codec.tx_id(HASH)) == HASH


@given(st.binary(max_size=40))
def test_base58_is_written_as_it_is_read(data: bytes) -> None:
    assert base58.decode(encode(data)) == (data or None)
    assert base58.decode_checked(encode_checked(data)) == (data if data else None)


def test_a_refused_range_is_halved_and_grows_back_below_what_was_refused() -> None:
    span, asked = QuerySpan(1000), []
    for _ in range(60):
        asked.append(span.blocks)
        if span.blocks > 100:
            span.refused(span.blocks)
        else:
            span.accepted(span.blocks)
    assert asked[:5] == [1000, 500, 250, 125, 62]
    assert span.blocks == 100
    assert sum(one > 100 for one in asked) <= 7


def test_a_suggested_range_is_taken() -> None:
    span = QuerySpan(1000)
    span.refused(1000, "query returned more than 10000 results. Try with this block range [0x10, 0x19].")
    assert span.blocks == 10


def test_a_suggestion_that_is_no_smaller_does_not_count() -> None:
    span = QuerySpan(10)
    span.refused(10, "try [0x1, 0xffff]")
    assert span.blocks == 9


def test_a_range_grows_back_to_the_limit_after_a_passing_doubt() -> None:
    span = QuerySpan(100)
    for _ in range(5):
        span.failed(span.blocks)
    assert span.blocks == 6
    for _ in range(50):
        span.accepted(span.blocks)
    assert span.blocks == 100


def test_a_range_refused_once_is_tried_again_after_a_long_time() -> None:
    span = QuerySpan(100)
    span.refused(100)
    for _ in range(300):
        span.accepted(span.blocks)
    assert span.blocks == 100


def frame(kind: str, value: int, *calls: Frame, to: str = ADDRESS, error: str | None = None) -> Frame:
    return Frame.model_validate(
        {"type": kind, "from": PAYER, "to": to, "value": hex(value), "calls": list(calls), "error": error}
    )


def test_only_calls_that_moved_coins_count() -> None:
    root = frame(
        "CALL", 9,
        frame("DELEGATECALL", 9, frame("CALL", 1)),
        frame("CALL", 2, frame("CALL", 3), error="execution reverted"),
        frame("STATICCALL", 0),
        frame("CALL", 0),
        frame("SELFDESTRUCT", 4),
        frame("CREATE", 5),
    )  # fmt: skip
    assert [(path, one.value) for path, one in moves(root)] == [("call.0.0", 1), ("call.4", 4), ("call.5", 5)]
    assert list(moves(frame("CALL", 9, frame("CALL", 1), error="out of gas"))) == []


def someone() -> str:
    return digest("0x" + secrets.token_hex(20), datetime(2026, 1, 1, tzinfo=UTC))


def test_who_joins_before_the_blocks_to_read_needs_no_part() -> None:
    one = someone()
    cursor = with_watches(EvmCursor(next=100, time=1000), {one: 1001}, None)
    assert (cursor.known, cursor.parts) == ({one}, ())


def test_who_joins_late_gets_a_part_until_it_is_read() -> None:
    early, late = someone(), someone()
    cursor = with_watches(EvmCursor(next=100, time=1000), {early: 1001, late: 500}, 40)
    assert cursor.parts == (Backfill(first=40, last=99, who=late),)
    assert digests_in(cursor.who) == {early}
    assert cursor.only([early, late]) == cursor
    read = cursor.model_copy(update={"parts": (cursor.parts[0].model_copy(update={"first": 100}),)})
    assert read.only([early, late]) == EvmCursor(next=100, time=1000, who=joined([early, late]))


def test_who_is_open_no_more_leaves_the_cursor() -> None:
    early, late = someone(), someone()
    cursor = with_watches(EvmCursor(next=100, time=1000), {early: 1001, late: 500}, 40)
    assert cursor.only([early]).parts == ()
    assert cursor.only([]).known == frozenset()


def test_a_cursor_survives_as_text_and_another_text_is_none() -> None:
    cursor = with_watches(EvmCursor(next=100, time=1000), {someone(): 500}, 40)
    assert parsed(cursor.model_dump_json()) == cursor
    assert parsed(None) is parsed("") is parsed("nonsense") is parsed('{"v": 1, "marks": {}}') is None


def test_a_thousand_addresses_make_a_cursor_of_eight_kilobytes() -> None:
    cursor = with_watches(EvmCursor(next=100, time=1000), {someone(): 2000 for _ in range(1000)}, None)
    assert len(cursor.model_dump_json()) < 8_200


def test_the_same_address_at_another_time_is_another_watch() -> None:
    times = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]
    assert digest(ADDRESS, times[0]) != digest(ADDRESS, times[1])


def cached_block(height: int, more: int = 0) -> CachedBlock:
    return CachedBlock(height, f"0x{height:064x}", height * 10, (), {ADDRESS: more})


def test_what_final_blocks_explain_of_a_balance_is_kept() -> None:
    cache = BlockCache()
    cache.take_snapshot(9, {ADDRESS: 5})
    cache.blocks = {10: cached_block(10, more=1), 11: cached_block(11, more=2), 12: cached_block(12, more=4)}
    cache.forget_below(12)
    assert list(cache.blocks) == [12]
    assert cache.explained(ADDRESS, 12) == 7


def test_after_blocks_that_somebody_else_read_balances_are_compared_anew() -> None:
    cache = BlockCache()
    cache.take_snapshot(9, {ADDRESS: 5})
    cache.blocks = {10: cached_block(10, more=1)}
    cache.forget_below(20)
    assert cache.snapshot is None


def test_dropped_blocks_take_the_look_after_them_along() -> None:
    cache = BlockCache()
    cache.blocks = {10: cached_block(10), 11: cached_block(11)}
    cache.take_snapshot(11, {ADDRESS: 5})
    cache.drop_since(110)
    assert list(cache.blocks) == [10]
    assert cache.snapshot is None
