"""What Esplora knows and bitcoind does not: which transactions touch a script. Built from a real bitcoind's blocks."""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from baton.local.nodes.rpc import RefusedCall
from tests.local.nodes.bitcoind import Bitcoind

Json = dict[str, Any]

_SATOSHIS = Decimal(100_000_000)
_NOBODY = "0" * 64


class Block(NamedTuple):
    """A block, and its transactions in Esplora's shape by the scripts that they touch."""

    header: Json
    transactions: list[Json]
    touching: dict[str, list[Json]]


class ChainIndex:
    """Follows a bitcoind's chain."""

    def __init__(self, node: Bitcoind) -> None:
        self._node = node
        self._best = ""
        self._sequence = -1
        self._mempool: dict[str, Json] = {}
        self._touched: dict[str, frozenset[str]] = {}
        self.blocks: list[Block] = []

    async def follow(self) -> None:
        """Read what is new, and forget what was reorganised away."""
        best = await self._node.rpc("getbestblockhash")
        if best == self._best:
            return
        height = (await self._node.rpc("getblockheader", best))["height"]
        while self.blocks and not await self._stands(len(self.blocks) - 1, height):
            self.blocks.pop()
        for each in range(len(self.blocks), height + 1):
            self.blocks.append(await self._block(each))
        self._best = best

    async def mempool(self, scripthash: str) -> list[Json]:
        """Return the unconfirmed transactions that touch a script, newest first."""
        told = await self._node.rpc("getrawmempool", False, True)
        if told["mempool_sequence"] != self._sequence:
            await self._take(told["txids"])
            self._sequence = told["mempool_sequence"]
        return [self._mempool[one] for one in reversed(self._mempool) if scripthash in self._touched[one]]

    async def _take(self, tx_ids: list[str]) -> None:
        self._mempool = {one: self._mempool[one] for one in self._mempool if one in tx_ids}
        for tx_id in tx_ids:
            if tx_id not in self._mempool:
                self._mempool[tx_id] = await self._unconfirmed(tx_id)
        self._touched = {tx_id: frozenset(_touched(one)) for tx_id, one in self._mempool.items()}

    def confirmed(self, scripthash: str) -> list[Json]:
        """Return the confirmed transactions that touch a script, newest first."""
        return [one for block in reversed(self.blocks) for one in reversed(block.touching.get(scripthash, []))]

    async def transaction(self, tx_id: str) -> Json | None:
        """Return a transaction; None where it is not known."""
        for block in self.blocks:
            for one in block.transactions:
                if one["txid"] == tx_id:
                    return one
        try:
            return await self._unconfirmed(tx_id)
        except RefusedCall:
            return None

    async def _stands(self, height: int, best: int) -> bool:
        return height <= best and await self._node.rpc("getblockhash", height) == self.blocks[height].header["hash"]

    async def _block(self, height: int) -> Block:
        header = await self._node.rpc("getblock", await self._node.rpc("getblockhash", height), 3)
        status = {
            "confirmed": True,
            "block_height": height,
            "block_hash": header["hash"],
            "block_time": header["time"],
        }
        transactions = [_transaction(one, status) for one in header.pop("tx")]
        touching: dict[str, list[Json]] = {}
        for one in transactions:
            for scripthash in _touched(one):
                touching.setdefault(scripthash, []).append(one)
        return Block(header, transactions, touching)

    async def _unconfirmed(self, tx_id: str) -> Json:
        await self._node.rpc("getmempoolentry", tx_id)
        raw = await self._node.rpc("getrawtransaction", tx_id, 1)
        for one in raw["vin"]:
            # bitcoind does not tell what an unconfirmed transaction spends.
            before = await self._node.rpc("getrawtransaction", one["txid"], 1)
            one["prevout"] = before["vout"][one["vout"]]
        return _transaction(raw, {"confirmed": False})


def scripthash_of(script: str) -> str:
    """Return Esplora's name of a script that is given in hexadecimal."""
    return hashlib.sha256(bytes.fromhex(script)).hexdigest()


def _touched(transaction: Json) -> set[str]:
    return {scripthash_of(script) for script in _scripts(transaction)}


def _scripts(transaction: Json) -> Iterator[str]:
    yield from (one["scriptpubkey"] for one in transaction["vout"])
    yield from (one["prevout"]["scriptpubkey"] for one in transaction["vin"] if one["prevout"])


def _transaction(raw: Json, status: Json) -> Json:
    outputs = [_output(one) for one in raw["vout"]]
    inputs = [_input(one) for one in raw["vin"]]
    spent = [one["prevout"]["value"] for one in inputs if one["prevout"]]
    return {
        "txid": raw["txid"],
        "version": raw["version"],
        "locktime": raw["locktime"],
        "vin": inputs,
        "vout": outputs,
        "size": raw["size"],
        "weight": raw["weight"],
        "fee": max(sum(spent) - sum(one["value"] for one in outputs), 0) if spent else 0,
        "status": status,
    }


def _output(raw: Json) -> Json:
    script = raw["scriptPubKey"]
    told = {
        "scriptpubkey": script["hex"],
        "scriptpubkey_asm": script["asm"],
        "scriptpubkey_type": script["type"],
        "value": int(raw["value"] * _SATOSHIS),
    }
    return told | ({"scriptpubkey_address": script["address"]} if "address" in script else {})


def _input(raw: Json) -> Json:
    reward = "coinbase" in raw
    return {
        "txid": _NOBODY if reward else raw["txid"],
        "vout": 0xFFFFFFFF if reward else raw["vout"],
        "prevout": None if reward else _output(raw["prevout"]),
        "scriptsig": raw["coinbase"] if reward else raw["scriptSig"]["hex"],
        "scriptsig_asm": "" if reward else raw["scriptSig"]["asm"],
        "witness": raw.get("txinwitness", []),
        "is_coinbase": reward,
        "sequence": raw["sequence"],
    }
