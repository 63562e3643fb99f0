"""A fake Esplora server, and the faults it can have."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from baton.chains.bitcoin.esplora import EsploraReader
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec, Family

SPEC = ChainSpec(
    name="bitcoin",
    family=Family.BITCOIN,
    native="BTC",
    native_decimals=8,
    confirmations=2,
    final_after=6,
    block_seconds=600,
)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESS = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
OTHER = "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3"
PAYER = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"
HEAD = 900_000

Answer = Callable[[httpx.Request], httpx.Response | None]


def tx_id(number: int) -> str:
    return f"{number:064x}"


def block_hash(height: int) -> str:
    return f"{height:064x}"


def transaction(number: int, *outputs: tuple[str, int], height: int | None = None, at: datetime = NOW) -> Any:
    """Return a transaction that pays these outputs; unconfirmed without a height."""
    status: dict[str, Any] = {"confirmed": height is not None}
    if height is not None:
        status |= {"block_height": height, "block_hash": block_hash(height), "block_time": int(at.timestamp())}
    return {
        "txid": tx_id(number),
        "version": 2,
        "vin": [{"txid": tx_id(0), "vout": 0, "prevout": {"scriptpubkey_address": PAYER, "value": 10**9}}],
        "vout": [{"scriptpubkey_address": address, "value": value} for address, value in outputs],
        "status": status,
    }


class FakeEsplora:
    """A server over a list of transactions, newest first.

    Attributes:
        head: Height of its newest block.
        history: The transactions that it knows.
        page: Transactions on a page.
        fault: Called before each answer; if it returns a response, that is the answer.
        requests: Number of requests by path.
    """

    def __init__(self, *history: Any) -> None:
        self.head = HEAD
        self.history = list(history)
        self.page = 25
        self.fault: Answer = lambda request: None
        self.requests: Counter[str] = Counter()

    def reader(self) -> EsploraReader:
        transport = httpx.MockTransport(self._answer)
        return EsploraReader(SPEC, Provider("https://esplora.test/secret-key/api", transport=transport))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/secret-key/api")
        self.requests[path] += 1
        return self.fault(request) or self._regular_answer(path.strip("/").split("/"))

    def _regular_answer(self, parts: list[str]) -> httpx.Response:
        match parts:
            case ["blocks", "tip", "height"]:
                return httpx.Response(200, text=str(self.head))
            case ["tx", wanted]:
                found = [known for known in self.history if known["txid"] == wanted]
                return (
                    httpx.Response(200, json=found[0]) if found else httpx.Response(404, text="Transaction not found")
                )
            case ["address", address, "txs", "mempool"]:
                return httpx.Response(200, json=self._of(address, confirmed=False)[:50])
            case ["address", address, "txs", "chain", *last]:
                return httpx.Response(200, json=self._after(self._of(address, confirmed=True), last)[: self.page])
        return httpx.Response(400, text="Invalid")

    def _of(self, address: str, *, confirmed: bool) -> list[Any]:
        return [
            known
            for known in self.history
            if known["status"]["confirmed"] is confirmed
            and any(output["scriptpubkey_address"] == address for output in known["vout"])
        ]

    @staticmethod
    def _after(history: list[Any], last: list[str]) -> list[Any]:
        ids = [known["txid"] for known in history]
        if not last:
            return history
        return history[ids.index(last[0]) + 1 :] if last[0] in ids else []
