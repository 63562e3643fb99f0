"""The EVM reader, with answers that no real node gives on demand."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest

from baton.chains.changes import compare
from baton.chains.deposits import NATIVE, Deposit, DepositState, Watch
from baton.chains.errors import ChainError, ProviderBroken, RpcRefused, Throttled, WrongChain
from baton.chains.evm.block_search import block_before
from baton.chains.evm.codec import word
from baton.chains.evm.node import EvmNode
from baton.chains.evm.reader import EvmReader
from baton.chains.evm.wire import TRANSFER
from baton.chains.http import Provider
from tests.chains.evm.node_server import ADDRESS, SPEC, WATCHES, Answer, FakeEvmNode, RpcError, hash_of, log


async def test_the_first_scan_finds_its_start_block_with_few_calls() -> None:
    chain = FakeEvmNode()
    await chain.reader().scan(WATCHES, None)
    assert 860 <= chain.ranges()[0][0] <= 885, "half a minute and a little more before block 900"
    assert chain.count("eth_getBlockByNumber") == 3


@pytest.mark.parametrize("block_seconds", [0.1, 2, 60])
@pytest.mark.parametrize("height", [0, 1, 37, 500, 990, 1000])
async def test_a_block_is_found_by_time_even_with_a_wrong_block_time(height: int, block_seconds: float) -> None:
    chain = FakeEvmNode()
    node = EvmNode(Provider("https://rpc.example.com", transport=httpx.MockTransport(chain)))
    found = await block_before(node, 1_000_000 + 2 * height, 1000, block_seconds)
    assert height - max(16, 1000 // 50) <= found <= height
    assert len(chain.calls) <= 16


async def test_one_query_covers_a_thousand_addresses_and_any_token() -> None:
    chain = FakeEvmNode()
    watches = [Watch(address=f"0x{number:040x}", since=WATCHES[0].since) for number in range(2500)]
    await chain.reader().scan(watches, None)
    queries = [params[0] for method, params in chain.calls if method == "eth_getLogs"]
    assert [len(query["topics"][2]) for query in queries] == [1000, 1000, 500]
    assert all("address" not in query and query["topics"][:2] == [TRANSFER, None] for query in queries)


async def test_states_follow_the_depth() -> None:
    chain = FakeEvmNode(eth_getLogs=lambda _: [log(height) for height in (950, 951, 996, 997)])
    deposits = (await chain.reader().scan(WATCHES, None)).deposits
    final, confirmed, seen = DepositState.FINAL, DepositState.CONFIRMED, DepositState.SEEN
    assert [(deposit.state, deposit.confirmations) for deposit in deposits] == [
        (final, 51),
        (confirmed, 50),
        (confirmed, 5),
        (seen, 4),
    ]


@pytest.mark.parametrize(("tag", "seen_from"), [("safe", 971), ("finalized", 951)])
async def test_a_tag_can_decide_what_is_confirmed(tag: str, seen_from: int) -> None:
    chain = FakeEvmNode(eth_getLogs=lambda _: [log(seen_from - 1), log(seen_from)])
    deposits = (await chain.reader(confirmed_tag=tag).scan(WATCHES, None)).deposits
    assert deposits[0].state is not DepositState.SEEN
    assert deposits[1].state is DepositState.SEEN


async def test_the_cursor_never_passes_the_final_block_and_never_moves_back() -> None:
    chain = FakeEvmNode()
    reader = chain.reader()
    first = await reader.scan(WATCHES, None)
    assert json.loads(first.cursor)["next"] == 951
    chain.final = 900
    chain.calls.clear()
    second = await reader.scan(WATCHES, first.cursor)
    assert (json.loads(second.cursor)["next"], chain.ranges()[0][0]) == (951, 951)


async def test_a_head_below_the_cursor_leaves_every_address_unread() -> None:
    chain = FakeEvmNode(eth_getLogs=lambda _: [log(940)])
    reader = chain.reader()
    first = await reader.scan(WATCHES, None)
    chain.head = 949
    lagging = await reader.scan(WATCHES, first.cursor)
    assert (lagging.deposits, lagging.cursor, lagging.unread) == ([], first.cursor, {ADDRESS})


@pytest.mark.parametrize(
    "error",
    [
        RpcError(-32602, "query exceeds max block range 30"),
        RpcError(-32005, "query returned more than 10000 results"),
        RpcError(-32000, "block range is too wide"),
    ],
)
async def test_a_refused_query_is_halved_and_grows_back(error: RpcError) -> None:
    def limited(query: dict[str, Any]) -> list[Any]:
        if int(query["toBlock"], 16) - int(query["fromBlock"], 16) >= 30:
            raise error
        return []

    chain = FakeEvmNode(eth_getLogs=limited)
    watches = [Watch(address=ADDRESS, since=datetime.fromtimestamp(1_000_000, UTC))]
    await chain.reader(span=800).scan(watches, None)
    sizes = [last - first + 1 for first, last in chain.ranges()]
    assert sizes[:6] == [800, 400, 200, 100, 50, 25]
    assert any(25 < size <= 30 for size in sizes)
    read = [(first, last) for first, last in chain.ranges() if last - first < 30]
    assert read[0][0] == 1
    assert read[-1][1] == 1000
    assert all(before[1] + 1 == after[0] for before, after in pairwise(read))


async def test_a_refused_single_block_is_an_error_and_resets_the_span() -> None:
    def refuse(query: dict[str, Any]) -> Any:
        raise RpcError(-32000, "internal error")

    chain = FakeEvmNode(eth_getLogs=refuse)
    reader = chain.reader()
    for _ in range(2):
        chain.calls.clear()
        with pytest.raises(RpcRefused, match="internal error") as error:
            await reader.scan(WATCHES, None)
        assert "KEY12345" not in str(error.value)
        assert chain.ranges()[0][1] - chain.ranges()[0][0] > 100


async def test_a_rate_limit_is_not_taken_for_a_range_limit() -> None:
    def throttle(query: dict[str, Any]) -> Any:
        raise RpcError(-32005, "rate limit exceeded")

    chain = FakeEvmNode(eth_getLogs=throttle)
    with pytest.raises(Throttled):
        await chain.reader().scan(WATCHES, None)
    assert len(chain.ranges()) == 1


@pytest.mark.parametrize(
    "answers",
    [
        {"eth_getLogs": lambda _: {}},
        {"eth_getLogs": lambda _: "0x"},
        {"eth_blockNumber": lambda: "latest"},
        {"eth_blockNumber": lambda: None},
        {"eth_getBlockByNumber": lambda at, full: {"number": "0x1"}},
        {"eth_chainId": lambda: 8453},
    ],
)
async def test_an_answer_of_another_shape_is_the_providers_error(answers: dict[str, Answer]) -> None:
    with pytest.raises(ProviderBroken, match=r"rpc\.example\.com: eth_\w+: answered in a shape that cannot be read"):
        await FakeEvmNode(**answers).reader().scan(WATCHES, None)


async def test_events_that_the_query_did_not_ask_for_are_ignored() -> None:
    stranger = log(940, topics=[TRANSFER, word(ADDRESS), word("0x" + "cc" * 20)])
    chain = FakeEvmNode(eth_getLogs=lambda _: [stranger, log(20), log(940), log(940)])
    assert [deposit.block_height for deposit in (await chain.reader().scan(WATCHES, None)).deposits] == [940]


async def test_a_missing_block_tag_is_an_error_that_names_the_setting() -> None:
    def no_tag(at: str, full: bool) -> Any:
        raise RpcError(-32602, "invalid block tag")

    with pytest.raises(ProviderBroken, match=r"set chains\.base\.final_after"):
        await FakeEvmNode(eth_getBlockByNumber=no_tag).reader().scan(WATCHES, None)


async def test_the_chain_id_is_checked_once_and_a_wrong_chain_refused() -> None:
    chain = FakeEvmNode()
    reader = chain.reader()
    await reader.scan(WATCHES, None)
    await reader.scan(WATCHES, None)
    assert chain.count("eth_chainId") == 1
    with pytest.raises(WrongChain, match=r"rpc\.example\.com: serves chain 1,"):
        await FakeEvmNode(eth_chainId=lambda: "0x1").reader().scan(WATCHES, None)


async def test_without_watches_the_cursor_moves_without_log_queries() -> None:
    chain = FakeEvmNode()
    scan = await chain.reader().scan([], None)
    assert json.loads(scan.cursor)["next"] == 951
    assert chain.ranges() == []


async def test_a_failed_backfill_leaves_only_its_own_addresses_unread() -> None:
    late = Watch(address="0x" + "cc" * 20, since=datetime.fromtimestamp(1_000_000 + 200, UTC))

    def pruned(query: dict[str, Any]) -> Any:
        if int(query["fromBlock"], 16) < 800:
            raise RpcError(-32000, "history has been pruned for this block")
        return [log(960)]

    chain = FakeEvmNode(eth_getLogs=pruned)
    reader = chain.reader()
    first = await reader.scan(WATCHES, None)
    scan = await reader.scan([*WATCHES, late], first.cursor)
    assert (scan.unread, len(scan.deposits), scan.caught_up) == ({late.address}, 1, True)
    chain.answers.clear()
    assert (await reader.scan([*WATCHES, late], scan.cursor)).unread == frozenset()


async def test_a_recheck_of_a_failed_or_missing_transaction_is_none() -> None:
    chain = FakeEvmNode(eth_getLogs=lambda _: [log(940)])
    reader = chain.reader()
    [deposit] = (await reader.scan(WATCHES, None)).deposits
    receipt = {"transactionHash": hash_of(947), "blockNumber": hex(941), "blockHash": hash_of(941), "status": "0x1"}

    async def rechecked(answer: Any) -> Deposit | None:
        chain.answers["eth_getTransactionReceipt"] = lambda _: answer
        return await reader.recheck(deposit)

    moved = await rechecked({**receipt, "logs": [log(941, transactionHash=hash_of(947))]})
    assert moved == deposit.model_copy(update={"block_height": 941, "block_hash": hash_of(941), "confirmations": 60})
    assert await rechecked(None) is None
    assert await rechecked({**receipt, "status": "0x0", "logs": []}) is None
    assert await rechecked({**receipt, "logs": [log(941, logIndex="0x5")]}) is None
    assert await rechecked({**receipt, "logs": [log(941, data=f"0x{6:064x}")]}) is None


async def test_a_failed_transaction_moved_no_coins() -> None:
    chain = FakeEvmNode()
    receipt = {"transactionHash": hash_of(7), "blockNumber": hex(940), "blockHash": hash_of(940)}
    deposit = Deposit(
        chain="base", address=ADDRESS, asset=NATIVE, tx_id=hash_of(7), index="call", amount=1, block_height=940
    )
    chain.answers["eth_getTransactionReceipt"] = lambda _: {**receipt, "status": "0x1"}
    assert await chain.reader().recheck(deposit) is not None
    chain.answers["eth_getTransactionReceipt"] = lambda _: {**receipt, "status": "0x0"}
    assert await chain.reader().recheck(deposit) is None


async def test_a_reorg_between_two_calls_is_read_again_from_the_fork() -> None:
    chain = FakeEvmNode(eth_getCode=lambda *_: "0x", eth_getBalance=lambda *_: "0x0")
    reader = chain.reader(watch_native=True)
    first = await reader.scan(WATCHES, None)
    other = "0x" + "ff" * 32

    def changed(at: str, full: bool) -> Any:
        block = chain.eth_getBlockByNumber(at, full)
        replaced = {1000: {"hash": other}, 1001: {"parentHash": other}}
        return {**block, **replaced.get(int(block["number"], 16), {})} if full else block

    chain.head, chain.answers["eth_getBlockByNumber"] = 1001, changed
    chain.calls.clear()
    await reader.scan(WATCHES, first.cursor)
    full = [int(params[0], 16) for method, params in chain.calls if method == "eth_getBlockByNumber" and params[1]]
    assert full == [1001, 1000, 1001]


async def test_an_unreadable_answer_makes_the_next_query_smaller() -> None:
    chain = FakeEvmNode()
    reader = chain.reader(span=100)
    first = await reader.scan(WATCHES, None)

    def broken(query: dict[str, Any]) -> Any:
        return "truncated"

    chain.answers["eth_getLogs"] = broken
    with pytest.raises(ChainError):
        await reader.scan(WATCHES, first.cursor)
    chain.answers.clear()
    chain.calls.clear()
    await reader.scan(WATCHES, first.cursor)
    assert chain.ranges()[0] == (951, 975)


async def test_an_odd_event_is_stepped_over_named_and_read_again() -> None:
    odd: list[Any] = [log(940, logIndex=3), log(941, blockHash=None), log(942, transactionHash="0x12"), "odd"]
    chain = FakeEvmNode(eth_getLogs=lambda query: [*odd, log(945)] if int(query["toBlock"], 16) >= 945 else [])
    reader = chain.reader()
    scan = await reader.scan(WATCHES, None)

    assert [deposit.block_height for deposit in scan.deposits] == [945]
    assert [sentence.split(" in block ")[1] for sentence in scan.unreadable] == [
        f"{height} cannot be read" for height in (940, 941, 942, "?")
    ]
    assert hash_of(947) in scan.unreadable[0]
    assert chain.ranges()[0][0] == json.loads(scan.cursor)["next"], "an event without a block may be in any"

    odd.pop()
    assert json.loads((await reader.scan(WATCHES, scan.cursor)).cursor)["next"] == 940
    odd[0] = log(940)
    again = await reader.scan(WATCHES, scan.cursor)
    assert [deposit.block_height for deposit in again.deposits] == [940, 945]
    odd.clear()
    assert json.loads((await reader.scan(WATCHES, again.cursor)).cursor)["next"] == 951


async def test_an_odd_event_holds_the_cursor_no_longer_than_a_query() -> None:
    chain = FakeEvmNode(eth_getLogs=lambda _: [log(940, logIndex=3)])
    reader = chain.reader(span=100)
    scan = await reader.scan(WATCHES, None)
    assert json.loads(scan.cursor)["next"] == 940

    chain.head, chain.final = 1040, 1000
    scan = await reader.scan(WATCHES, scan.cursor)
    assert (json.loads(scan.cursor)["next"], len(scan.unreadable)) == (1001, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"removed": True},
        {"topics": [TRANSFER, word(ADDRESS), word("0x" + "cc" * 20)]},
        {"topics": [TRANSFER]},
        {"topics": ["0x", word(ADDRESS), word(ADDRESS)]},
        {"blockNumber": hex(20)},
    ],
    ids=["removed", "to another address", "another kind", "another event", "of another block"],
)
async def test_an_odd_event_that_is_no_deposit_is_not_named(changes: dict[str, Any]) -> None:
    chain = FakeEvmNode(eth_getLogs=lambda _: [log(940, **{"logIndex": None, **changes})])
    assert (await chain.reader().scan(WATCHES, None)).unreadable == ()


async def test_an_odd_event_of_a_backfill_is_read_again() -> None:
    late = Watch(address=ADDRESS, since=datetime.fromtimestamp(1_000_000 + 200, UTC))
    odd = [log(300, logIndex=None)]
    chain = FakeEvmNode()
    reader = chain.reader()
    first = await reader.scan(WATCHES, None)
    chain.answers["eth_getLogs"] = lambda query: odd if int(query["fromBlock"], 16) <= 300 else []
    scan = await reader.scan([late], first.cursor)
    assert (scan.unread, len(scan.unreadable), scan.caught_up) == ({ADDRESS}, 1, True)

    odd[0] = log(300)
    again = await reader.scan([late], scan.cursor)
    assert ([deposit.block_height for deposit in again.deposits], again.unread) == ([300], frozenset())


async def test_a_null_instead_of_events_is_an_empty_list_that_proves_nothing() -> None:
    chain = FakeEvmNode(eth_getLogs=lambda _: [log(960)])
    reader = chain.reader(span=200)
    first = await reader.scan(WATCHES, None)
    chain.answers["eth_getLogs"] = lambda _: None
    scan = await reader.scan(WATCHES, first.cursor)

    assert (scan.deposits, scan.unread, scan.unreadable, scan.caught_up) == ([], frozenset(), (), True)
    assert compare(first.deposits, scan) == ([], [])
    assert compare(first.deposits, await FakeEvmNode().reader().scan(WATCHES, None)).missing == first.deposits

    chain.head, chain.final = 1040, 1000
    chain.calls.clear()
    scan = await reader.scan(WATCHES, scan.cursor)
    assert (chain.ranges(), json.loads(scan.cursor)["next"]) == ([(951, 1040)], 951), "read again while one query can"
    chain.head, chain.final = 1200, 1160
    assert json.loads((await reader.scan(WATCHES, scan.cursor)).cursor)["next"] == 1161


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(403, json={"Error": "request rate exceeded the allowed_rps(10), suspended for 5 s"}),
        httpx.Response(200, json={"Error": "request rate exceeded the allowed_rps(10), suspended for 5 s"}),
        httpx.Response(200, json={"id": None, "error": {"code": -32005, "message": "rate limited for 5 s"}}),
        httpx.Response(200, json=[{"id": None, "error": {"code": -32005, "message": "rate limited for 5 s"}}]),
    ],
    ids=["403", "200", "no id", "a list"],
)
async def test_throttling_in_any_form_leaves_the_span_of_queries(answer: httpx.Response) -> None:
    chain, is_throttled = FakeEvmNode(), True

    def respond(request: httpx.Request) -> httpx.Response:
        return answer if is_throttled and b"eth_getLogs" in request.content else chain(request)

    reader = EvmReader(SPEC, Provider("https://rpc.example.com", transport=httpx.MockTransport(respond)))
    for _ in range(3):
        with pytest.raises(Throttled) as error:
            await reader.scan(WATCHES, None)
        assert error.value.retry_after == 5
    is_throttled = False
    await reader.scan(WATCHES, None)
    assert len(chain.ranges()) == 1


async def test_an_odd_event_in_a_receipt_does_not_end_a_deposit() -> None:
    chain = FakeEvmNode(eth_getLogs=lambda _: [log(940)])
    reader = chain.reader()
    [deposit] = (await reader.scan(WATCHES, None)).deposits
    receipt = {"transactionHash": hash_of(947), "blockNumber": hex(940), "blockHash": hash_of(940), "status": "0x1"}
    logs: list[Any] = [{"odd": 1}, log(940)]
    chain.answers["eth_getTransactionReceipt"] = lambda _: {**receipt, "logs": logs}

    assert await reader.recheck(deposit) == deposit
    logs.pop()
    with pytest.raises(ProviderBroken, match="an event that cannot be read"):
        await reader.recheck(deposit)


async def test_an_odd_transaction_in_a_block_does_not_hide_another() -> None:
    chain = FakeEvmNode(eth_getCode=lambda *_: "0x", eth_getBalance=lambda *_: "0x0")
    paying = {"hash": hash_of(7), "from": "0x" + "aa" * 20, "to": ADDRESS, "value": "0x5", "gas": "0x5208"}

    def with_transactions(at: str, full: bool) -> Any:
        block = chain.eth_getBlockByNumber(at, full)
        return {**block, "transactions": [{**paying, "value": None}, paying]} if int(at, 16) == 940 else block

    def block(at: str, full: bool) -> Any:
        return with_transactions(at, full) if at.startswith("0x") else chain.eth_getBlockByNumber(at, full)

    chain.answers["eth_getBlockByNumber"] = block
    chain.answers["eth_getTransactionReceipt"] = lambda _: {
        "transactionHash": hash_of(7), "blockNumber": hex(940), "blockHash": hash_of(940), "status": "0x1",
    }  # fmt: skip
    [deposit] = (await chain.reader(watch_native=True).scan(WATCHES, None)).deposits
    assert (deposit.amount, deposit.index) == (5, "call")
