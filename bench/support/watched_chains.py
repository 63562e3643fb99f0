"""Chains to watch: a real local node for each, set up like the shipped chain, with somebody who pays on it."""

import asyncio
import json
import math
import secrets
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chains.catalogue import load_chains
from chains.evm.codec import Codec, EvmCodec
from chains.evm.multicall import MULTICALL
from chains.spec import ChainSpec, Family
from chains.tron import TronCodec
from nodes import anvil
from nodes.anvil import Anvil
from nodes.bitcoind import running_bitcoind
from nodes.node import NATIVE, Node, NodeError
from nodes.ports import free_port
from nodes.processes import find, running, until_ready
from nodes.rpc import Rpc
from nodes.surfnet import Surfnet, running_surfnet

ROOT = Path(__file__).parents[2]

_CONTRACTS = ROOT / "tests/nodes/contracts/artifacts.json"
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
        new_address: Makes a fresh address.
        pay: Pays these addresses, and returns once a look would find all of it.
        pass_poll: Lets as many blocks come as between two polls, where blocks come on demand.
    """

    spec: ChainSpec
    url: str
    kind: str | None
    new_address: Callable[[], str]
    pay: Callable[[Sequence[str]], Awaitable[None]]
    pass_poll: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class WatchedChain:
    """A chain that can be watched here.

    Attributes:
        name: What it is called on the command line.
        node: What stands for it.
        open: Runs a fresh node for the length of a block.
        most: Most addresses that the node bears; None for any number.
        why: Why no more, in a sentence.
    """

    name: str
    node: str
    open: Callable[[], AbstractAsyncContextManager[Place]]
    most: int | None = None
    why: str = ""


@asynccontextmanager
async def _on_anvil(name: str) -> AsyncIterator[Place]:
    spec = load_chains()[name]
    codec: Codec = TronCodec() if spec.family is Family.TRON else EvmCodec()
    async with _old_anvil(spec) as (node, rpc):
        tokens = [await node.make_token() for _ in spec.tokens]
        await _grow_old(rpc, spec)
        yield Place(
            _with_tokens(spec, [codec.decode(token.lower()) for token in tokens]),
            node.url,
            None,
            lambda: codec.decode(f"0x{secrets.token_hex(20)}"),
            partial(_pay_on_anvil, node, codec, tokens[0], spec.watch_native),
            partial(_mine, rpc, math.ceil(spec.poll_seconds / spec.block_seconds), spec),
        )


@asynccontextmanager
async def _old_anvil(spec: ChainSpec) -> AsyncIterator[tuple[Anvil, Rpc]]:
    """Run an anvil that began long ago, with as many blocks that are not final as the chain has."""
    port = free_port()
    began = int(time.time() - (_NOT_FINAL + _BURIED) * spec.block_seconds)
    # Two epochs back a block is final.
    settings = {"port": port, "chain-id": spec.chain_id, "slots-in-an-epoch": _NOT_FINAL // 2, "timestamp": began}
    options = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
    async with running([find(anvil.NAME, "anvil/bin/anvil"), *options, "--quiet"]) as process:
        node = Anvil(f"http://127.0.0.1:{port}")
        rpc = Rpc(anvil.NAME, node.url)
        try:
            await until_ready(anvil.NAME, process, node.payer)
            yield node, rpc
        finally:
            await rpc.aclose()
            await node.aclose()


async def _grow_old(rpc: Rpc, spec: ChainSpec) -> None:
    if spec.watch_native:
        runtime = json.loads(_CONTRACTS.read_text(encoding="utf-8"))["Balances"]["runtime"]
        await rpc.call("anvil_setCode", MULTICALL, runtime)
    await _mine(rpc, _NOT_FINAL + _BURIED, spec)
    # From here on blocks come on demand alone, as many to a poll as the chain has.
    await rpc.call("evm_setAutomine", False)


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
        yield Place(_with_tokens(spec, tokens), node.url, None, node.new_address, pay, _nothing)


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
        yield Place(load_chains()["bitcoin"], node.url, "bitcoind", node.new_address, _payer(node), _nothing)


@asynccontextmanager
async def _on_esplora() -> AsyncIterator[Place]:
    async with running_bitcoind() as node, _esplora(node.url) as url:
        yield Place(load_chains()["bitcoin"], url, "esplora", node.new_address, _payer(node), _nothing)


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


def _payer(node: Node) -> Callable[[Sequence[str]], Awaitable[None]]:
    async def pay(addresses: Sequence[str]) -> None:
        for address in addresses:
            await node.pay(address, NATIVE, _AMOUNT)

    return pay


async def _nothing() -> None:
    return


def _with_tokens(spec: ChainSpec, contracts: Sequence[str]) -> ChainSpec:
    both = zip(spec.tokens.items(), contracts, strict=True)
    tokens = {symbol: token.model_copy(update={"contract": contract}) for (symbol, token), contract in both}
    return spec.model_copy(update={"tokens": tokens, "providers": ()})


CHAINS = (
    WatchedChain("base", "anvil, tokens and coin", partial(_on_anvil, "base")),
    WatchedChain("optimism", "anvil, tokens alone", partial(_on_anvil, "optimism")),
    WatchedChain("tron", "anvil, tokens alone", partial(_on_anvil, "tron")),
    WatchedChain("solana", "Surfnet", _on_surfnet, most=1_000),
    WatchedChain("bitcoind", "bitcoind's wallet", _on_bitcoind),
    WatchedChain("esplora", "Esplora's API over bitcoind", _on_esplora),
)
