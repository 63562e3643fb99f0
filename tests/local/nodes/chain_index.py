"""An index that Esplora has and bitcoind lacks: the transactions that touch a script. Built from a real bitcoind."""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from baton.local.nodes.rpc import RefusedCall
from tests.local.nodes.bitcoind import BitcoindDriver

Json = dict[str, Any]

_SATOSHIS = Decimal(100_000_000)
_NO_TRANSACTION = "0" * 64


class Block(NamedTuple):
    """A block, and its transactions in Esplora's format, also by the scripts that they touch."""

    header: Json
    transactions: list[Json]
    touching: dict[str, list[Json]]


class ChainIndex:
    """The index of a bitcoind's chain and mempool."""

    def __init__(self, node: BitcoindDriver) -> None:
        self._node = node
        self._best = ""
        self._sequence = -1
        self._mempool: dict[str, Json] = {}
        self._touched: dict[str, frozenset[str]] = {}
        self.blocks: list[Block] = []

    async def follow(self) -> None:
        """Read new blocks, and drop those that a reorg removed."""
        best = await self._node.rpc("getbestblockhash")
        if best == self._best:
            return
        height = (await self._node.rpc("getblockheader", best))["height"]
        while self.blocks and not await self._is_current(len(self.blocks) - 1, height):
            self.blocks.pop()
        for missing in range(len(self.blocks), height + 1):
            self.blocks.append(await self._block(missing))
        self._best = best

    async def mempool(self, scripthash: str) -> list[Json]:
        """Return the unconfirmed transactions that touch a script, newest first."""
        reply = await self._node.rpc("getrawmempool", False, True)
        if reply["mempool_sequence"] != self._sequence:
            await self._read_mempool(reply["txids"])
            self._sequence = reply["mempool_sequence"]
        return [self._mempool[tx_id] for tx_id in reversed(self._mempool) if scripthash in self._touched[tx_id]]

    async def _read_mempool(self, tx_ids: list[str]) -> None:
        self._mempool = {tx_id: transaction for tx_id, transaction in self._mempool.items() if tx_id in tx_ids}
        for tx_id in tx_ids:
            if tx_id not in self._mempool:
                self._mempool[tx_id] = await self._unconfirmed(tx_id)
        self._touched = {tx_id: frozenset(_touched(transaction)) for tx_id, transaction in self._mempool.items()}

    def confirmed(self, scripthash: str) -> list[Json]:
        """Return the confirmed transactions that touch a script, newest first."""
        blocks = reversed(self.blocks)
        return [transaction for block in blocks for transaction in reversed(block.touching.get(scripthash, []))]

    async def transaction(self, tx_id: str) -> Json | None:
        """Return a transaction; None if it is unknown."""
        for block in self.blocks:
            for transaction in block.transactions:
                if transaction["txid"] == tx_id:
                    return transaction
        try:
            return await self._unconfirmed(tx_id)
        except RefusedCall:
            return None

    async def _is_current(self, height: int, best: int) -> bool:
        return height <= best and await self._node.rpc("getblockhash", height) == self.blocks[height].header["hash"]

    async def _block(self, height: int) -> Block:
        header = await self._node.rpc("getblock", await self._node.rpc("getblockhash", height), 3)
        status = {
            "confirmed": True,
            "block_height": height,
            "block_hash": header["hash"],
            "block_time": header["time"],
        }
        transactions = [_transaction(raw, status) for raw in header.pop("tx")]
        touching: dict[str, list[Json]] = {}
        for transaction in transactions:
            for scripthash in _touched(transaction):
                touching.setdefault(scripthash, []).append(transaction)
        return Block(header, transactions, touching)

    async def _unconfirmed(self, tx_id: str) -> Json:
        await self._node.rpc("getmempoolentry", tx_id)
        raw = await self._node.rpc("getrawtransaction", tx_id, 1)
        for spent in raw["vin"]:
            # For an unconfirmed transaction, bitcoind does not return the outputs that it spends.
            earlier = await self._node.rpc("getrawtransaction", spent["txid"], 1)
            spent["prevout"] = earlier["vout"][spent["vout"]]
        return _transaction(raw, {"confirmed": False})


def scripthash_of(script: str) -> str:
    """Return Esplora's name of a script, which is given in hexadecimal."""
    return hashlib.sha256(bytes.fromhex(script)).hexdigest()


def _touched(transaction: Json) -> set[str]:
    return {scripthash_of(script) for script in _scripts(transaction)}


def _scripts(transaction: Json) -> Iterator[str]:
    yield from (output["scriptpubkey"] for output in transaction["vout"])
    yield from (spent["prevout"]["scriptpubkey"] for spent in transaction["vin"] if spent["prevout"])


def _transaction(raw: Json, status: Json) -> Json:
    outputs = [_output(output) for output in raw["vout"]]
    inputs = [_input(spent) for spent in raw["vin"]]
    values = [spent["prevout"]["value"] for spent in inputs if spent["prevout"]]
    return {
        "txid": raw["txid"],
        "version": raw["version"],
        "locktime": raw["locktime"],
        "vin": inputs,
        "vout": outputs,
        "size": raw["size"],
        "weight": raw["weight"],
        "fee": max(sum(values) - sum(output["value"] for output in outputs), 0) if values else 0,
        "status": status,
    }


def _output(raw: Json) -> Json:
    script = raw["scriptPubKey"]
    output = {
        "scriptpubkey": script["hex"],
        "scriptpubkey_asm": script["asm"],
        "scriptpubkey_type": script["type"],
        "value": int(raw["value"] * _SATOSHIS),
    }
    return output | ({"scriptpubkey_address": script["address"]} if "address" in script else {})


def _input(raw: Json) -> Json:
    reward = "coinbase" in raw
    return {
        "txid": _NO_TRANSACTION if reward else raw["txid"],
        "vout": 0xFFFFFFFF if reward else raw["vout"],
        "prevout": None if reward else _output(raw["prevout"]),
        "scriptsig": raw["coinbase"] if reward else raw["scriptSig"]["hex"],
        "scriptsig_asm": "" if reward else raw["scriptSig"]["asm"],
        "witness": raw.get("txinwitness", []),
        "is_coinbase": reward,
        "sequence": raw["sequence"],
    }
