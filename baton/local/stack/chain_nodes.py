"""Real chain nodes for the demo: every installed node is started and funded, and sandbox and worker use it.

The sandbox pays on the nodes that the file in `BATON_SANDBOX_SETTLE` lists; the worker watches those in the file in
`BATON_CHAINS_FILE`. Both files contain passwords, but of nodes that end with the demo.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from baton.local.nodes import anvil, bitcoind, surfnet
from baton.local.nodes.book import NodeEntry, write_nodes
from baton.local.nodes.local_node import NodeError
from baton.local.stack.errors import NodesMissing

_BASE_ID = 8453
_BLOCK_SECONDS = 1
_SLOT_MILLISECONDS = 200
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class LocalChain:
    """A chain with a running node.

    Attributes:
        entry: How to pay on it.
        block_seconds: Seconds between two blocks.
        decimals: Decimals of every token on it.
        kind: The kind of provider, where its chain has several.
        fields: Further lines of its configuration, in TOML.
    """

    entry: NodeEntry
    block_seconds: float
    decimals: int = 6
    kind: str | None = None
    fields: tuple[str, ...] = ()

    def table(self, name: str) -> str:
        """Return the chain's configuration, as a table of the chains file."""
        provider = f"url = {json.dumps(self.entry.url.get_secret_value())}"
        provider += f', kind = "{self.kind}"' if self.kind else ""
        lines = [
            f"[chains.{name}]",
            f"providers = [{{ {provider} }}]",
            "confirmations = 1",
            "behind = 0",
            f"poll_seconds = {_POLL_SECONDS}",
            f"block_seconds = {self.block_seconds}",
            *self.fields,
            *(f"tokens.{symbol}.contract = {json.dumps(contract)}" for symbol, contract in self.entry.tokens.items()),
            *(f"tokens.{symbol}.decimals = {self.decimals}" for symbol in self.entry.tokens),
        ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class LocalChains:
    """The chains with a running node.

    Attributes:
        names: The chains, by the API's names.
        left_out: One sentence for each chain whose node does not run.
        environment: The variables that name the two files.
    """

    names: Sequence[str]
    left_out: Sequence[str]
    environment: Mapping[str, str]


Start = Callable[[], AbstractAsyncContextManager[LocalChain]]


@asynccontextmanager
async def local_chains(folder: Path, say: Callable[[str], None]) -> AsyncIterator[LocalChains]:
    """Run a node for each chain whose node is installed, for the length of the block.

    Args:
        folder: Where the two files go.
        say: Called with a few words on progress.

    Raises:
        NodesMissing: No node runs; the text gives the reason for each.
    """
    running: dict[str, LocalChain] = {}
    left_out: list[str] = []
    async with AsyncExitStack() as exits:
        say("starting chain nodes")
        for name, start in STARTS.items():
            try:
                running[name] = await exits.enter_async_context(start())
            except NodeError as error:
                left_out.append(f"{name} is left out: {error}")
        if not running:
            raise NodesMissing(f"No chain node is available: {'; '.join(left_out)}")
        yield LocalChains(list(running), left_out, write_files(folder, running))


def write_files(folder: Path, chains: Mapping[str, LocalChain]) -> dict[str, str]:
    """Write the two files, readable only by the owner; return the variables that name them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settle, watched = folder / "nodes.json", folder / "chains.toml"
    write_nodes(settle, {name: chain.entry for name, chain in chains.items()})
    watched.touch(mode=0o600)
    watched.write_text("\n".join(chain.table(name) for name, chain in chains.items()), encoding="utf-8")
    return {"BATON_SANDBOX_SETTLE": str(settle), "BATON_CHAINS_FILE": str(watched)}


@asynccontextmanager
async def _base() -> AsyncIterator[LocalChain]:
    async with anvil.running_anvil(chain_id=_BASE_ID) as node:
        token = await node.make_token()
        await node.mine_every(_BLOCK_SECONDS)
        entry = NodeEntry(node="anvil", url=SecretStr(node.url), tokens={"USDC": token})
        yield LocalChain(entry, _BLOCK_SECONDS, anvil.TOKEN_DECIMALS, fields=("watch_native = false",))


@asynccontextmanager
async def _solana() -> AsyncIterator[LocalChain]:
    async with surfnet.running_surfnet(slot_milliseconds=_SLOT_MILLISECONDS) as node:
        mint = await node.make_token()
        payer = SecretStr(node.payer.hex())
        entry = NodeEntry(node="surfnet", url=SecretStr(node.url), tokens={"USDC": mint}, payer=payer)
        yield LocalChain(entry, _SLOT_MILLISECONDS / 1000, surfnet.TOKEN_DECIMALS)


@asynccontextmanager
async def _bitcoin() -> AsyncIterator[LocalChain]:
    async with bitcoind.running_bitcoind(block_seconds=_BLOCK_SECONDS) as node:
        yield LocalChain(NodeEntry(node="bitcoind", url=SecretStr(node.url)), _BLOCK_SECONDS, kind="bitcoind")


STARTS: Mapping[str, Start] = {"base": _base, "solana": _solana, "bitcoin": _bitcoin}
"""How the node of each chain is started."""
