"""Answers of a bitcoind with a watching wallet, written by hand, and the trouble that it can give."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from baton.chains.bitcoin.bitcoind import BitcoindReader
from baton.chains.http import Provider
from tests.chains.bitcoin.esplora_server import SPEC, block_hash

HEAD = 900_000
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BLOCK_SECONDS = 600
LAG = 3600
"""Seconds that the median time of a block lies behind its own."""

PASSWORD = "hunter2-and-more"


class Refusal(Exception):
    """What the node answers a call with."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code = code


def entry(tx_id: str, address: str, amount: str, confirmations: int, **fields: Any) -> Any:
    """Return an output as the wallet lists it; the amount is written into the JSON as it stands here."""
    told: dict[str, Any] = {
        "address": address,
        "category": "receive",
        "amount": float(amount),
        "vout": 0,
        "confirmations": confirmations,
        "txid": tx_id,
    }
    if confirmations > 0:
        height = HEAD - confirmations + 1
        told |= {"blockheight": height, "blockhash": block_hash(height), "blocktime": int(NOW.timestamp())}
    return told | fields


class FakeNode:
    """A node whose blocks come every ten minutes, the newest just now.

    Attributes:
        head: Height of its newest block.
        entries: What its wallet lists.
        mempool: Transactions that it holds unconfirmed.
        labels: Addresses of the wallet with their labels.
        loaded: Whether the wallet is loaded.
        trouble: ReadSchedule at each call first, and may raise a `Refusal` or anything of httpx.
        calls: Every call with its parameters.
    """

    def __init__(self, *entries: Any) -> None:
        self.head = HEAD
        self.entries = list(entries)
        self.mempool: set[str] = set()
        self.labels: dict[str, str] = {}
        self.loaded = False
        self.trouble: Callable[[str, list[Any]], None] = lambda method, params: None
        self.calls: list[tuple[str, list[Any]]] = []

    def reader(self) -> BitcoindReader:
        url = f"http://baton:{PASSWORD}@node.test:8332"
        return BitcoindReader(SPEC, Provider(url, transport=httpx.MockTransport(self._answer)))

    def made(self, method: str) -> list[list[Any]]:
        """Return the parameters of every call of a method."""
        return [params for name, params in self.calls if name == method]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        method, params = call["method"], call["params"]
        self.calls.append((method, params))
        try:
            self.trouble(method, params)
            if "/wallet/" in request.url.path and not self.loaded:
                raise Refusal(-18, "Requested wallet does not exist or is not loaded")
            result = getattr(self, f"_{method}")(*params)
        except Refusal as refusal:
            error = {"code": refusal.code, "message": str(refusal)}
            return httpx.Response(500, json={"result": None, "error": error, "id": call["id"]})
        return httpx.Response(200, json={"result": result, "error": None, "id": call["id"]})

    def median_time(self, height: int) -> int:
        return int(NOW.timestamp()) - (HEAD - height) * BLOCK_SECONDS - LAG

    def _getblockchaininfo(self) -> Any:
        return {"blocks": self.head, "mediantime": self.median_time(self.head)}

    def _getblockhash(self, height: int) -> str:
        return block_hash(height)

    def _getblockheader(self, named: str) -> Any:
        return {"mediantime": self.median_time(int(named, 16))}

    def _loadwallet(self, *_: Any) -> Any:
        raise Refusal(-18, "Path does not exist")

    def _createwallet(self, *_: Any) -> Any:
        self.loaded = True
        return {"name": "baton-watch"}

    def _listreceivedbyaddress(self, *_: Any) -> Any:
        return [{"address": address, "label": label} for address, label in self.labels.items()]

    def _getdescriptorinfo(self, text: str) -> Any:
        return {"descriptor": f"{text}#checksum"}

    def _importdescriptors(self, wishes: list[Any]) -> Any:
        return [{"success": True} for _ in wishes]

    def _rescanblockchain(self, *_: Any) -> Any:
        return {}

    def _setlabel(self, address: str, label: str) -> None:
        self.labels[address] = label

    def _listsinceblock(self, named: str, *_: Any) -> Any:
        start = int(named, 16)
        return {"transactions": [one for one in self.entries if one.get("blockheight", HEAD * 2) > start]}

    def _getmempoolentry(self, tx_id: str) -> Any:
        if tx_id not in self.mempool:
            raise Refusal(-5, "Transaction not in mempool")
        return {}

    def _getrawtransaction(self, *_: Any) -> Any:
        return {"vin": [{"coinbase": "00"}, {"prevout": {"scriptPubKey": {"address": "1BvBMSEYstWetqTFn5Au4m4GFg7x"}}}]}
