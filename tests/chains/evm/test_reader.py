"""The EVM reader and answers that no real node gives on demand."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest

from baton.chains.deposits import NATIVE, Deposit, DepositState, Watch
from baton.chains.errors import ChainError, ProviderBroken, RpcRefused, Throttled, WrongChain
from baton.chains.evm.block_search import block_before
from baton.chains.evm.codec import word
from baton.chains.evm.node import TRANSFER, EvmNode
from baton.chains.evm.reader import EvmReader
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec, Family, Token

ADDRESS = "0x" + "ba" * 20
USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
WATCHES = [Watch(address=ADDRESS, since=datetime.fromtimestamp(1_000_000 + 900 * 2, UTC))]
SPEC = ChainSpec(
    name="base", family=Family.EVM, chain_id=8453, native="ETH", native_decimals=18, watch_native=False,
    confirmations=5, block_seconds=2, span=1000, tokens={"USDC": Token(contract=USDC, decimals=6)},
)  # fmt: skip

Answer = Callable[..., Any]


def hash_of(height: int) -> str:
    return f"0x{height:064x}"


def log(height: int, **changes: Any) -> dict[str, Any]:
    return {
        "address": USDC.lower(), "topics": [TRANSFER, word("0x" + "aa" * 20), word(ADDRESS)], "data": f"0x{7:064x}",
        "blockNumber": hex(height), "blockHash": hash_of(height), "transactionHash": hash_of(height + 7),
        "logIndex": "0x0", **changes,
    }  # fmt: skip


class Refusal(Exception):
    def __init__(self, code: int, message: str) -> None:
        self.error = {"code": code, "message": message}


class Chain:
    """A chain of 1000 blocks, two seconds apart, whose answers a test replaces by method."""

    def __init__(self, **answers: Answer) -> None:
        self.head, self.final = 1000, 950
        self.asked: list[tuple[str, list[Any]]] = []
        self.answers: dict[str, Answer] = answers

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        method, params = call["method"], call["params"]
        self.asked.append((method, params))
        answer = self.answers.get(method) or getattr(self, method)
        try:
            return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "result": answer(*params)})
        except Refusal as refusal:
            return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "error": refusal.error})

    def eth_chainId(self) -> str:
        return hex(8453)

    def eth_blockNumber(self) -> str:
        return hex(self.head)

    def eth_getBlockByNumber(self, at: str, full: bool) -> Any:
        height = {"finalized": min(self.final, self.head), "safe": self.final + 20}.get(at) or int(at, 16)
        if height > self.head:
            return None
        return {
            "number": hex(height), "hash": hash_of(height), "parentHash": hash_of(max(height - 1, 0)),
            "timestamp": hex(1_000_000 + 2 * height), "transactions": [],
        }  # fmt: skip

    def eth_getLogs(self, query: dict[str, Any]) -> Any:
        return []

    def reader(self, **changes: Any) -> EvmReader:
        spec = SPEC.model_copy(update=changes)
        return EvmReader(spec, Provider("https://rpc.example.com/KEY12345", transport=httpx.MockTransport(self)))

    def ranges(self) -> list[tuple[int, int]]:
        queries = [params[0] for method, params in self.asked if method == "eth_getLogs"]
        return [(int(query["fromBlock"], 16), int(query["toBlock"], 16)) for query in queries]

    def times(self, method: str) -> int:
        return sum(asked == method for asked, _ in self.asked)


async def test_the_first_scan_starts_just_before_the_oldest_watch_by_few_calls() -> None:
    chain = Chain()
    await chain.reader().scan(WATCHES, None)
    assert 860 <= chain.ranges()[0][0] <= 885, "half a minute and a little more before block 900"
    assert chain.times("eth_getBlockByNumber") == 3


@pytest.mark.parametrize("block_seconds", [0.1, 2, 60])
@pytest.mark.parametrize("height", [0, 1, 37, 500, 990, 1000])
async def test_a_block_is_found_by_its_time_though_the_pace_was_guessed_wrong(
    height: int, block_seconds: float
) -> None:
    chain = Chain()
    node = EvmNode(Provider("https://rpc.example.com", transport=httpx.MockTransport(chain)))
    found = await block_before(node, 1_000_000 + 2 * height, 1000, block_seconds)
    assert height - max(16, 1000 // 50) <= found <= height
    assert len(chain.asked) <= 16


async def test_one_query_asks_for_every_address_and_any_token() -> None:
    chain = Chain()
    watches = [Watch(address=f"0x{number:040x}", since=WATCHES[0].since) for number in range(2500)]
    await chain.reader().scan(watches, None)
    queries = [params[0] for method, params in chain.asked if method == "eth_getLogs"]
    assert [len(query["topics"][2]) for query in queries] == [1000, 1000, 500]
    assert all("address" not in query and query["topics"][:2] == [TRANSFER, None] for query in queries)


async def test_states_follow_the_marks() -> None:
    chain = Chain(eth_getLogs=lambda _: [log(height) for height in (950, 951, 996, 997)])
    deposits = (await chain.reader().scan(WATCHES, None)).deposits
    final, confirmed, seen = DepositState.FINAL, DepositState.CONFIRMED, DepositState.SEEN
    assert [(one.state, one.confirmations) for one in deposits] == [
        (final, 51),
        (confirmed, 50),
        (confirmed, 5),
        (seen, 4),
    ]


@pytest.mark.parametrize(("tag", "seen_from"), [("safe", 971), ("finalized", 951)])
async def test_a_tag_can_decide_what_is_confirmed(tag: str, seen_from: int) -> None:
    chain = Chain(eth_getLogs=lambda _: [log(seen_from - 1), log(seen_from)])
    deposits = (await chain.reader(confirmed_tag=tag).scan(WATCHES, None)).deposits
    assert deposits[0].state is not DepositState.SEEN
    assert deposits[1].state is DepositState.SEEN


async def test_the_cursor_never_passes_what_is_final() -> None:
    chain = Chain()
    reader = chain.reader()
    first = await reader.scan(WATCHES, None)
    assert json.loads(first.cursor)["next"] == 951
    chain.final = 900
    chain.asked.clear()
    second = await reader.scan(WATCHES, first.cursor)
    assert (json.loads(second.cursor)["next"], chain.ranges()[0][0]) == (951, 951)


async def test_a_head_below_the_cursor_leaves_everything_unread() -> None:
    chain = Chain(eth_getLogs=lambda _: [log(940)])
    reader = chain.reader()
    first = await reader.scan(WATCHES, None)
    chain.head = 949
    lagging = await reader.scan(WATCHES, first.cursor)
    assert (lagging.deposits, lagging.cursor, lagging.unread) == ([], first.cursor, {ADDRESS})


@pytest.mark.parametrize(
    "told",
    [
        Refusal(-32602, "query exceeds max block range 30"),
        Refusal(-32005, "query returned more than 10000 results"),
        Refusal(-32000, "block range is too wide"),
    ],
)
async def test_any_refusal_halves_the_range_and_it_grows_back(told: Refusal) -> None:
    def limited(query: dict[str, Any]) -> list[Any]:
        if int(query["toBlock"], 16) - int(query["fromBlock"], 16) >= 30:
            raise told
        return []

    chain = Chain(eth_getLogs=limited)
    watches = [Watch(address=ADDRESS, since=datetime.fromtimestamp(1_000_000, UTC))]
    await chain.reader(span=800).scan(watches, None)
    sizes = [last - first + 1 for first, last in chain.ranges()]
    assert sizes[:6] == [800, 400, 200, 100, 50, 25]
    assert any(25 < size <= 30 for size in sizes)
    read = [(first, last) for first, last in chain.ranges() if last - first < 30]
    assert read[0][0] == 1
    assert read[-1][1] == 1000
    assert all(before[1] + 1 == after[0] for before, after in pairwise(read))


async def test_a_refused_single_block_is_an_error_and_the_span_is_forgotten() -> None:
    def refuse(query: dict[str, Any]) -> Any:
        raise Refusal(-32000, "internal error")

    chain = Chain(eth_getLogs=refuse)
    reader = chain.reader()
    for _ in range(2):
        chain.asked.clear()
        with pytest.raises(RpcRefused, match="internal error") as error:
            await reader.scan(WATCHES, None)
        assert "KEY12345" not in str(error.value)
        assert chain.ranges()[0][1] - chain.ranges()[0][0] > 100


async def test_throttling_is_not_taken_for_a_range_limit() -> None:
    def throttle(query: dict[str, Any]) -> Any:
        raise Refusal(-32005, "rate limit exceeded")

    chain = Chain(eth_getLogs=throttle)
    with pytest.raises(Throttled):
        await chain.reader().scan(WATCHES, None)
    assert len(chain.ranges()) == 1


@pytest.mark.parametrize(
    "answers",
    [
        {"eth_getLogs": lambda _: None},
        {"eth_getLogs": lambda _: [log(940, logIndex=3)]},
        {"eth_getLogs": lambda _: [log(940, blockHash=None)]},
        {"eth_getLogs": lambda _: [log(940, transactionHash="0x12")]},
        {"eth_blockNumber": lambda: "latest"},
        {"eth_blockNumber": lambda: None},
        {"eth_getBlockByNumber": lambda at, full: {"number": "0x1"}},
        {"eth_chainId": lambda: 8453},
    ],
)
async def test_an_answer_of_another_shape_is_a_broken_provider(answers: dict[str, Answer]) -> None:
    with pytest.raises(ProviderBroken, match=r"rpc\.example\.com: eth_\w+: answered in a shape that cannot be read"):
        await Chain(**answers).reader().scan(WATCHES, None)


async def test_answers_beside_the_question_are_ignored() -> None:
    stranger = log(940, topics=[TRANSFER, word(ADDRESS), word("0x" + "cc" * 20)])
    chain = Chain(eth_getLogs=lambda _: [stranger, log(20), log(940), log(940)])
    assert [one.block_height for one in (await chain.reader().scan(WATCHES, None)).deposits] == [940]


async def test_a_chain_without_the_tag_says_what_to_set() -> None:
    def no_tag(at: str, full: bool) -> Any:
        raise Refusal(-32602, "invalid block tag")

    with pytest.raises(ProviderBroken, match=r"set chains\.base\.final_after"):
        await Chain(eth_getBlockByNumber=no_tag).reader().scan(WATCHES, None)


async def test_the_chain_is_asked_for_once_and_another_one_is_refused() -> None:
    chain = Chain()
    reader = chain.reader()
    await reader.scan(WATCHES, None)
    await reader.scan(WATCHES, None)
    assert chain.times("eth_chainId") == 1
    with pytest.raises(WrongChain, match=r"rpc\.example\.com: serves chain 1,"):
        await Chain(eth_chainId=lambda: "0x1").reader().scan(WATCHES, None)


async def test_without_watches_no_logs_are_asked_for_and_the_cursor_moves() -> None:
    chain = Chain()
    scan = await chain.reader().scan([], None)
    assert json.loads(scan.cursor)["next"] == 951
    assert chain.ranges() == []


async def test_a_part_that_cannot_be_read_leaves_its_addresses_unread_and_the_rest_told() -> None:
    late = Watch(address="0x" + "cc" * 20, since=datetime.fromtimestamp(1_000_000 + 200, UTC))

    def pruned(query: dict[str, Any]) -> Any:
        if int(query["fromBlock"], 16) < 800:
            raise Refusal(-32000, "history has been pruned for this block")
        return [log(960)]

    chain = Chain(eth_getLogs=pruned)
    reader = chain.reader()
    first = await reader.scan(WATCHES, None)
    scan = await reader.scan([*WATCHES, late], first.cursor)
    assert (scan.unread, len(scan.deposits), scan.caught_up) == ({late.address}, 1, True)
    chain.answers.clear()
    assert (await reader.scan([*WATCHES, late], scan.cursor)).unread == frozenset()


async def test_a_failed_or_missing_transaction_is_gone_on_a_recheck() -> None:
    chain = Chain(eth_getLogs=lambda _: [log(940)])
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


async def test_a_transaction_that_failed_brought_no_coins() -> None:
    chain = Chain()
    receipt = {"transactionHash": hash_of(7), "blockNumber": hex(940), "blockHash": hash_of(940)}
    deposit = Deposit(
        chain="base", address=ADDRESS, asset=NATIVE, tx_id=hash_of(7), index="call", amount=1, block_height=940
    )
    chain.answers["eth_getTransactionReceipt"] = lambda _: {**receipt, "status": "0x1"}
    assert await chain.reader().recheck(deposit) is not None
    chain.answers["eth_getTransactionReceipt"] = lambda _: {**receipt, "status": "0x0"}
    assert await chain.reader().recheck(deposit) is None


async def test_a_chain_that_changes_between_two_calls_is_read_again_from_where_it_changed() -> None:
    chain = Chain(eth_getCode=lambda *_: "0x", eth_getBalance=lambda *_: "0x0")
    reader = chain.reader(watch_native=True)
    first = await reader.scan(WATCHES, None)
    other = "0x" + "ff" * 32

    def changed(at: str, full: bool) -> Any:
        block = chain.eth_getBlockByNumber(at, full)
        replaced = {1000: {"hash": other}, 1001: {"parentHash": other}}
        return {**block, **replaced.get(int(block["number"], 16), {})} if full else block

    chain.head, chain.answers["eth_getBlockByNumber"] = 1001, changed
    chain.asked.clear()
    await reader.scan(WATCHES, first.cursor)
    full = [int(params[0], 16) for method, params in chain.asked if method == "eth_getBlockByNumber" and params[1]]
    assert full == [1001, 1000, 1001]


async def test_a_query_that_came_to_nothing_is_asked_smaller_the_next_time() -> None:
    chain = Chain()
    reader = chain.reader(span=100)
    first = await reader.scan(WATCHES, None)

    def broken(query: dict[str, Any]) -> Any:
        return "truncated"

    chain.answers["eth_getLogs"] = broken
    with pytest.raises(ChainError):
        await reader.scan(WATCHES, first.cursor)
    chain.answers.clear()
    chain.asked.clear()
    await reader.scan(WATCHES, first.cursor)
    assert chain.ranges()[0] == (951, 975)
