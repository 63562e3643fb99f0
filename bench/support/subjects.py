"""The subjects of the watch benchmark: for each, a real local node that is set up like the shipped chain."""

import asyncio
import json
import math
import secrets
import sys
import time
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
from baton.local.child_process import running
from baton.local.nodes import anvil
from baton.local.nodes.anvil import Anvil, running_anvil
from baton.local.nodes.bitcoind import running_bitcoind
from baton.local.nodes.local_node import NATIVE, LocalNode, NodeError
from baton.local.nodes.rpc import Rpc
from baton.local.nodes.surfnet import Surfnet, running_surfnet

ROOT = Path(__file__).parents[2]

_CONTRACTS = ROOT / "tests/local/nodes/contracts/artifacts.json"
_NOT_FINAL = 450
"""Blocks of an EVM chain that are not final yet, as in a quarter of an hour on a rollup."""
_FINAL = 50
"""Final blocks below those."""

_LANDING_SECONDS = 20.0
_START_SECONDS = 30.0
_AMOUNT = 1_000_000


@dataclass(frozen=True)
class WatchedNode:
    """A running node, with what is needed to watch it and to pay on it.

    Attributes:
        spec: The shipped chain, with this node's tokens and chain id.
        url: Where to read it.
        kind: As in `ProviderSpec`.
        since: The quote time of its addresses: now, by the chain's own clock.
        new_address: Returns a fresh address.
        pay: Pays these addresses, and returns once a poll would find every payment.
        pass_poll: Mines as many blocks as come between two polls, if blocks come only on demand.
    """

    spec: ChainSpec
    url: str
    kind: str | None
    since: datetime
    new_address: Callable[[], str]
    pay: Callable[[Sequence[str]], Awaitable[None]]
    pass_poll: Callable[[], Awaitable[None]]


class Subject(StrEnum):
    """What to watch: a chain, through one kind of reader."""

    BASE = "base"
    OPTIMISM = "optimism"
    TRON = "tron"
    SOLANA = "solana"
    BITCOIND = "bitcoind"
    ESPLORA = "esplora"
    LEDGER = "ledger"


@dataclass(frozen=True)
class WatchedChain:
    """How to measure a subject.

    Attributes:
        explain: What is measured, in a few words.
        open: Runs a fresh node for the length of a block.
        most: The most addresses that are worth the time; None for any number.
        why: Why not more, in a sentence.
        with_ledger: Whether to measure the whole watching activity with its ledger, instead of only the reader.
    """

    explain: str
    open: Callable[[], AbstractAsyncContextManager[WatchedNode]]
    most: int | None = None
    why: str = ""
    with_ledger: bool = False


@asynccontextmanager
async def _on_anvil(name: str) -> AsyncIterator[WatchedNode]:
    spec = load_chains()[name]
    codec: Codec = TronCodec() if spec.family is Family.TRON else EvmCodec()
    # A block is final two epochs later.
    running_node = running_anvil(chain_id=spec.chain_id or 1, epoch=_NOT_FINAL // 2)
    async with running_node as node, aclosing(Rpc(anvil.NAME, node.url)) as rpc:
        tokens = [await node.make_token() for _ in spec.tokens]
        await _mine_past(rpc, spec)
        yield WatchedNode(
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
    # Lower case, because ten thousand checksums would take too long.
    return raw if isinstance(codec, EvmCodec) else codec.decode(raw)


async def _mine_past(rpc: Rpc, spec: ChainSpec) -> None:
    if spec.watch_native:
        runtime = json.loads(_CONTRACTS.read_text(encoding="utf-8"))["Balances"]["runtime"]
        await rpc.call("anvil_setCode", MULTICALL, runtime)
    await _mine(rpc, _NOT_FINAL + _FINAL, spec)
    # From here on blocks come only on demand: between two polls, as many as on the real chain.
    await rpc.call("evm_setAutomine", False)


async def _newest_time(rpc: Rpc) -> datetime:
    newest = await rpc.call("eth_getBlockByNumber", "latest", False)
    return datetime.fromtimestamp(int(newest["timestamp"], 16), UTC)


async def _mine(rpc: Rpc, blocks: int, spec: ChainSpec) -> None:
    await rpc.call("anvil_mine", hex(blocks), hex(max(round(spec.block_seconds), 1)))


async def _pay_on_anvil(node: Anvil, codec: Codec, token: str, native: bool, addresses: Sequence[str]) -> None:
    """Pay in tokens; if the chain's own coin is watched, every other payment is in coin."""
    for number, address in enumerate(addresses):
        await node.pay(codec.encode(address) or address, NATIVE if native and number % 2 else token, _AMOUNT)


@asynccontextmanager
async def _on_surfnet() -> AsyncIterator[WatchedNode]:
    spec = load_chains()["solana"]
    async with running_surfnet() as node:
        tokens = [await node.make_token() for _ in spec.tokens]
        pay = partial(_pay_on_surfnet, node, tokens[0])
        yield WatchedNode(_with_tokens(spec, tokens), node.url, None, _now(), node.new_address, pay, _no_wait)


async def _pay_on_surfnet(node: Surfnet, token: str, addresses: Sequence[str]) -> None:
    assets = (NATIVE if number % 2 else token for number in range(len(addresses)))
    payments = [await node.pay(address, asset, _AMOUNT) for address, asset in zip(addresses, assets, strict=True)]
    deadline = time.monotonic() + _LANDING_SECONDS
    for payment in payments:
        while not _is_confirmed(await node.status(payment.tx_id)):
            if time.monotonic() > deadline:
                raise NodeError(f"surfnet confirmed no payment within {_LANDING_SECONDS:g} s")
            await asyncio.sleep(0.02)


def _is_confirmed(status: dict[str, object] | None) -> bool:
    return status is not None and status["confirmationStatus"] in ("confirmed", "finalized")


@asynccontextmanager
async def _on_bitcoind() -> AsyncIterator[WatchedNode]:
    async with running_bitcoind() as node:
        yield WatchedNode(
            load_chains()["bitcoin"], node.url, "bitcoind", _now(), node.new_address, _payer(node), _no_wait
        )


@asynccontextmanager
async def _on_esplora() -> AsyncIterator[WatchedNode]:
    async with running_bitcoind() as node, _esplora(node.url) as url:
        yield WatchedNode(load_chains()["bitcoin"], url, "esplora", _now(), node.new_address, _payer(node), _no_wait)


@asynccontextmanager
async def _esplora(node_url: str) -> AsyncIterator[str]:
    command = [sys.executable, "-m", "bench.support.esplora"]
    async with running(command, pipes=True, show_errors=True) as process:
        await process.send_line(node_url)
        url = await process.read_line(within=_START_SECONDS)
        if not url:
            raise NodeError("the Esplora API over bitcoind did not start; see its error above")
        yield url


def _payer(node: LocalNode) -> Callable[[Sequence[str]], Awaitable[None]]:
    async def pay(addresses: Sequence[str]) -> None:
        for address in addresses:
            await node.pay(address, NATIVE, _AMOUNT)

    return pay


async def _no_wait() -> None:
    return


def _now() -> datetime:
    return datetime.now(UTC)


def _with_tokens(spec: ChainSpec, contracts: Sequence[str]) -> ChainSpec:
    pairs = zip(spec.tokens.items(), contracts, strict=True)
    tokens = {symbol: token.model_copy(update={"contract": contract}) for (symbol, token), contract in pairs}
    return spec.model_copy(update={"tokens": tokens, "providers": ()})


_MORE = "more than 10,000 addresses are left out: calls grow with the addresses, see the rows"
_TWO_CALLS = "more than 1,000 addresses are left out: each address costs two calls a poll, for any number of them"

CHAINS = {
    Subject.BASE: WatchedChain("tokens and coin, anvil", partial(_on_anvil, "base")),
    Subject.OPTIMISM: WatchedChain("only tokens, anvil", partial(_on_anvil, "optimism")),
    Subject.TRON: WatchedChain("only tokens, anvil", partial(_on_anvil, "tron")),
    Subject.SOLANA: WatchedChain("tokens and coin, Surfnet", _on_surfnet, most=10_000, why=_MORE),
    Subject.BITCOIND: WatchedChain("bitcoind's wallet", _on_bitcoind),
    Subject.ESPLORA: WatchedChain("Esplora over bitcoind", _on_esplora, most=1_000, why=_TWO_CALLS),
    Subject.LEDGER: WatchedChain("base with a ledger, SQLite", partial(_on_anvil, "base"), with_ledger=True),
}

NO_NODE = {
    "spark": "left out: no local node has its explorer's API; its reader makes at least one call an address and poll",
}
"""Chains that cannot be measured, each with the reason in a sentence."""
