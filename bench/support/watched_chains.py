"""Chains to watch: a real local node for each, set up like the shipped chain, with somebody who pays on it."""

import asyncio
import json
import math
import secrets
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from baton.chains.catalogue import load_chains
from baton.chains.evm.codec import Codec, EvmCodec
from baton.chains.evm.multicall import MULTICALL
from baton.chains.spec import ChainSpec, Family
from baton.chains.tron import TronCodec
from baton.local.nodes import anvil
from baton.local.nodes.anvil import Anvil, running_anvil
from baton.local.nodes.bitcoind import running_bitcoind
from baton.local.nodes.node import NATIVE, LocalNode, NodeError
from baton.local.nodes.processes import running
from baton.local.nodes.rpc import Rpc
from baton.local.nodes.surfnet import Surfnet, running_surfnet

ROOT = Path(__file__).parents[2]

_CONTRACTS = ROOT / "tests/local/nodes/contracts/artifacts.json"
_NOT_FINAL = 450
"""Blocks of an EVM chain that are not final yet: a quarter of an hour on a rollup."""
_BURIED = 50
"""Blocks below those."""

_LANDING_LIMIT = 20.0
_START_LIMIT = 30.0
_AMOUNT = 1_000_000


@dataclass(frozen=True)
class Place:
    """A running node as what watches it, and who pays on it, need it.

    Attributes:
        spec: The chain as it is shipped, with this node's tokens and chain id.
        url: Where to read it.
        kind: As in `ProviderSpec`.
        since: When quotes for its addresses are made: now, by the chain's own clock.
        new_address: Makes a fresh address.
        pay: Pays these addresses, and returns once a look would find all of it.
        pass_poll: Lets as many blocks come as between two polls, where blocks come on demand.
    """

    spec: ChainSpec
    url: str
    kind: str | None
    since: datetime
    new_address: Callable[[], str]
    pay: Callable[[Sequence[str]], Awaitable[None]]
    pass_poll: Callable[[], Awaitable[None]]


class Subject(StrEnum):
    """What is watched: a chain, through one kind of reader."""

    BASE = "base"
    OPTIMISM = "optimism"
    TRON = "tron"
    SOLANA = "solana"
    BITCOIND = "bitcoind"
    ESPLORA = "esplora"
    LEDGER = "ledger"


@dataclass(frozen=True)
class WatchedChain:
    """How a subject is measured.

    Attributes:
        explain: What stands for it, in a few words.
        open: Runs a fresh node for the length of a block.
        most: Most addresses that are worth the time; None for any number.
        why: Why no more, in a sentence.
        with_ledger: Whole polls are measured, the ledger's part included, and not the reader alone.
    """

    explain: str
    open: Callable[[], AbstractAsyncContextManager[Place]]
    most: int | None = None
    why: str = ""
    with_ledger: bool = False


@asynccontextmanager
async def _on_anvil(name: str) -> AsyncIterator[Place]:
    spec = load_chains()[name]
    codec: Codec = TronCodec() if spec.family is Family.TRON else EvmCodec()
    # Two epochs back a block is final.
    running_node = running_anvil(chain_id=spec.chain_id or 1, epoch=_NOT_FINAL // 2)
    async with running_node as node, aclosing(Rpc(anvil.NAME, node.url)) as rpc:
        tokens = [await node.make_token() for _ in spec.tokens]
        await _grow_old(rpc, spec)
        yield Place(
            _with_tokens(spec, [codec.decode(token.lower()) for token in tokens]),
            node.url,
            None,
            await _newest_time(rpc),
            partial(_new_address, codec),
            partial(_pay_on_anvil, node, codec, tokens[0], spec.watch_native),
            partial(_mine, rpc, math.ceil(spec.poll_seconds / spec.block_seconds), spec),
        )


def _new_address(codec: Codec) -> str:
    raw = f"0x{secrets.token_hex(20)}"
    # Capitals would take the time of ten thousand checksums.
    return raw if isinstance(codec, EvmCodec) else codec.decode(raw)


async def _grow_old(rpc: Rpc, spec: ChainSpec) -> None:
    if spec.watch_native:
        runtime = json.loads(_CONTRACTS.read_text(encoding="utf-8"))["Balances"]["runtime"]
        await rpc.call("anvil_setCode", MULTICALL, runtime)
    await _mine(rpc, _NOT_FINAL + _BURIED, spec)
    # From here on blocks come on demand alone, as many to a poll as the chain has.
    await rpc.call("evm_setAutomine", False)


async def _newest_time(rpc: Rpc) -> datetime:
    newest = await rpc.call("eth_getBlockByNumber", "latest", False)
    return datetime.fromtimestamp(int(newest["timestamp"], 16), UTC)


async def _mine(rpc: Rpc, blocks: int, spec: ChainSpec) -> None:
    await rpc.call("anvil_mine", hex(blocks), hex(max(round(spec.block_seconds), 1)))


async def _pay_on_anvil(node: Anvil, codec: Codec, token: str, coins: bool, addresses: Sequence[str]) -> None:
    """Pay in tokens, and every other time in the chain's own coin where that is watched."""
    for number, address in enumerate(addresses):
        await node.pay(codec.encode(address) or address, NATIVE if coins and number % 2 else token, _AMOUNT)


@asynccontextmanager
async def _on_surfnet() -> AsyncIterator[Place]:
    spec = load_chains()["solana"]
    async with running_surfnet() as node:
        tokens = [await node.make_token() for _ in spec.tokens]
        pay = partial(_pay_on_surfnet, node, tokens[0])
        yield Place(_with_tokens(spec, tokens), node.url, None, _now(), node.new_address, pay, _nothing)


async def _pay_on_surfnet(node: Surfnet, token: str, addresses: Sequence[str]) -> None:
    assets = (NATIVE if number % 2 else token for number in range(len(addresses)))
    paid = [await node.pay(address, asset, _AMOUNT) for address, asset in zip(addresses, assets, strict=True)]
    deadline = time.monotonic() + _LANDING_LIMIT
    for one in paid:
        while not _is_confirmed(await node.status(one.tx_id)):
            if time.monotonic() > deadline:
                raise NodeError(f"surfnet took no payment into a block within {_LANDING_LIMIT:g} s")
            await asyncio.sleep(0.02)


def _is_confirmed(status: dict[str, object] | None) -> bool:
    return status is not None and status["confirmationStatus"] in ("confirmed", "finalized")


@asynccontextmanager
async def _on_bitcoind() -> AsyncIterator[Place]:
    async with running_bitcoind() as node:
        yield Place(load_chains()["bitcoin"], node.url, "bitcoind", _now(), node.new_address, _payer(node), _nothing)


@asynccontextmanager
async def _on_esplora() -> AsyncIterator[Place]:
    async with running_bitcoind() as node, _esplora(node.url) as url:
        yield Place(load_chains()["bitcoin"], url, "esplora", _now(), node.new_address, _payer(node), _nothing)


@asynccontextmanager
async def _esplora(node_url: str) -> AsyncIterator[str]:
    command = [sys.executable, "-m", "bench.support.esplora"]
    async with running(command, stdin=PIPE, stdout=PIPE, stderr=None) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{node_url}\n".encode())
        told = await asyncio.wait_for(process.stdout.readline(), _START_LIMIT)
        if not told:
            raise NodeError("the Esplora API over bitcoind did not start; its error stands above")
        yield told.decode().strip()


def _payer(node: LocalNode) -> Callable[[Sequence[str]], Awaitable[None]]:
    async def pay(addresses: Sequence[str]) -> None:
        for address in addresses:
            await node.pay(address, NATIVE, _AMOUNT)

    return pay


async def _nothing() -> None:
    return


def _now() -> datetime:
    return datetime.now(UTC)


def _with_tokens(spec: ChainSpec, contracts: Sequence[str]) -> ChainSpec:
    both = zip(spec.tokens.items(), contracts, strict=True)
    tokens = {symbol: token.model_copy(update={"contract": contract}) for (symbol, token), contract in both}
    return spec.model_copy(update={"tokens": tokens, "providers": ()})


_TWO_CALLS = "more than 1,000 addresses are left out: each costs two calls a look, however many there are"

CHAINS = {
    Subject.BASE: WatchedChain("tokens and coin, anvil", partial(_on_anvil, "base")),
    Subject.OPTIMISM: WatchedChain("tokens alone, anvil", partial(_on_anvil, "optimism")),
    Subject.TRON: WatchedChain("tokens alone, anvil", partial(_on_anvil, "tron")),
    Subject.SOLANA: WatchedChain("tokens and coin, Surfnet", _on_surfnet),
    Subject.BITCOIND: WatchedChain("bitcoind's wallet", _on_bitcoind),
    Subject.ESPLORA: WatchedChain("Esplora over bitcoind", _on_esplora, most=1_000, why=_TWO_CALLS),
    Subject.LEDGER: WatchedChain("base in whole polls, SQLite", partial(_on_anvil, "base"), with_ledger=True),
}

NO_NODE = {
    "spark": "left out: no local node speaks its explorer's API; its reader asks at least once per address and look",
}
"""Chains that cannot be measured, with the reason in a sentence."""
