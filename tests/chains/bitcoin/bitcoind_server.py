"""A fake bitcoind with a watch-only wallet, and the faults it can have."""

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
"""Seconds by which a block's median time lags behind its own time."""

PASSWORD = "hunter2-and-more"


class BitcoindRefusal(Exception):
    """The error that the node answers a call with."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code = code


def entry(tx_id: str, address: str, amount: str, confirmations: int, **fields: Any) -> Any:
    """Return an output as the wallet lists it; the amount goes into the JSON exactly as given."""
    output: dict[str, Any] = {
        "address": address,
        "category": "receive",
        "amount": float(amount),
        "vout": 0,
        "confirmations": confirmations,
        "txid": tx_id,
    }
    if confirmations > 0:
        height = HEAD - confirmations + 1
        output |= {"blockheight": height, "blockhash": block_hash(height), "blocktime": int(NOW.timestamp())}
    return output | fields


class FakeBitcoind:
    """A node with a block every ten minutes, the newest just now.

    Attributes:
        head: Height of its newest block.
        entries: What its wallet lists.
        mempool: Its unconfirmed transactions.
        labels: Addresses of the wallet with their labels.
        loaded: Whether the wallet is loaded.
        fault: Called before each answer; may raise a `BitcoindRefusal` or an httpx error.
        calls: Every call with its parameters.
    """

    def __init__(self, *entries: Any) -> None:
        self.head = HEAD
        self.entries = list(entries)
        self.mempool: set[str] = set()
        self.labels: dict[str, str] = {}
        self.loaded = False
        self.fault: Callable[[str, list[Any]], None] = lambda method, params: None
        self.calls: list[tuple[str, list[Any]]] = []

    def reader(self) -> BitcoindReader:
        url = f"http://baton:{PASSWORD}@node.test:8332"
        return BitcoindReader(SPEC, Provider(url, transport=httpx.MockTransport(self._answer)))

    def calls_of(self, method: str) -> list[list[Any]]:
        """Return the parameters of every call of a method."""
        return [params for name, params in self.calls if name == method]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        method, params = call["method"], call["params"]
        self.calls.append((method, params))
        try:
            self.fault(method, params)
            if "/wallet/" in request.url.path and not self.loaded:
                raise BitcoindRefusal(-18, "Requested wallet does not exist or is not loaded")
            result = getattr(self, f"_{method}")(*params)
        except BitcoindRefusal as refusal:
            error = {"code": refusal.code, "message": str(refusal)}
            return httpx.Response(500, json={"result": None, "error": error, "id": call["id"]})
        return httpx.Response(200, json={"result": result, "error": None, "id": call["id"]})

    def median_time(self, height: int) -> int:
        return int(NOW.timestamp()) - (HEAD - height) * BLOCK_SECONDS - LAG

    def _getblockchaininfo(self) -> Any:
        return {"blocks": self.head, "mediantime": self.median_time(self.head)}

    def _getblockhash(self, height: int) -> str:
        return block_hash(height)

    def _getblockheader(self, block: str) -> Any:
        return {"mediantime": self.median_time(int(block, 16))}

    def _loadwallet(self, *_: Any) -> Any:
        raise BitcoindRefusal(-18, "Path does not exist")

    def _createwallet(self, *_: Any) -> Any:
        self.loaded = True
        return {"name": "baton-watch"}

    def _listreceivedbyaddress(self, *_: Any) -> Any:
        return [{"address": address, "label": label} for address, label in self.labels.items()]

    def _getdescriptorinfo(self, text: str) -> Any:
        return {"descriptor": f"{text}#checksum"}

    def _importdescriptors(self, requests: list[Any]) -> Any:
        return [{"success": True} for _ in requests]

    def _rescanblockchain(self, *_: Any) -> Any:
        return {}

    def _setlabel(self, address: str, label: str) -> None:
        self.labels[address] = label

    def _listsinceblock(self, block: str, *_: Any) -> Any:
        start = int(block, 16)
        return {"transactions": [output for output in self.entries if output.get("blockheight", HEAD * 2) > start]}

    def _getmempoolentry(self, tx_id: str) -> Any:
        if tx_id not in self.mempool:
            raise BitcoindRefusal(-5, "Transaction not in mempool")
        return {}

    def _getrawtransaction(self, *_: Any) -> Any:
        return {"vin": [{"coinbase": "00"}, {"prevout": {"scriptPubKey": {"address": "1BvBMSEYstWetqTFn5Au4m4GFg7x"}}}]}
