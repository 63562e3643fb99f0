"""A fake EVM node over HTTP, for answers that no real node gives on demand."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from baton.chains.deposits import Watch
from baton.chains.evm.codec import word
from baton.chains.evm.reader import EvmReader
from baton.chains.evm.wire import TRANSFER
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


class RpcError(Exception):
    """The error that the node answers a call with."""

    def __init__(self, code: int, message: str) -> None:
        self.error = {"code": code, "message": message}


def _unknown_method(*_: Any) -> Any:
    raise RpcError(-32601, "the method does not exist")


class FakeEvmNode:
    """A node of a chain of 1000 blocks, two seconds apart; a test replaces its answers by method."""

    def __init__(self, **answers: Answer) -> None:
        self.head, self.final = 1000, 950
        self.calls: list[tuple[str, list[Any]]] = []
        self.answers: dict[str, Answer] = answers

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        method, params = call["method"], call["params"]
        self.calls.append((method, params))
        answer = self.answers.get(method) or getattr(self, method, _unknown_method)
        try:
            return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "result": answer(*params)})
        except RpcError as failure:
            return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "error": failure.error})

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
        queries = [params[0] for method, params in self.calls if method == "eth_getLogs"]
        return [(int(query["fromBlock"], 16), int(query["toBlock"], 16)) for query in queries]

    def count(self, method: str) -> int:
        return sum(name == method for name, _ in self.calls)
