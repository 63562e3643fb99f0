"""Real deposits: on chains with a local node, deposit addresses are real and deposits are real transactions.

Orchestra's own part (detecting a deposit without a submit, sweeps, deliveries, refunds, a replaced transaction) stays
simulated, and so does every chain without a node.
"""

from collections.abc import Mapping
from pathlib import Path

from baton.local.nodes.book import NodeEntry, NodeFileError, read_nodes
from baton.local.nodes.local_node import NATIVE, NodeError, NodePayment
from baton.local.sandbox.engine.assets import CHAINS, Asset, SandboxChain, SandboxFamily
from baton.local.sandbox.errors import ApiError, invalid

_NODE_OF = {SandboxFamily.EVM: "anvil", SandboxFamily.SOLANA: "surfnet", SandboxFamily.BITCOIN: "bitcoind"}


class RealDeposits:
    """Makes addresses and pays deposits on local chain nodes.

    Args:
        entries: The nodes by chain.

    Raises:
        NodeFileError: A chain is unknown, or its node is of another kind.
        NodeMissing: Something that a node's client needs is not installed.
    """

    def __init__(self, entries: Mapping[str, NodeEntry]) -> None:
        for chain, entry in entries.items():
            _check(chain, entry)
        self._tokens = {chain: entry.tokens for chain, entry in entries.items()}
        self._nodes = {chain: entry.open() for chain, entry in entries.items()}
        for node in self._nodes.values():
            # Fails now, and not at the first quote, if something is not installed.
            node.new_address()

    @property
    def chains(self) -> list[str]:
        """Return the chains whose deposits are real."""
        return list(self._nodes)

    def address(self, chain: SandboxChain) -> str | None:
        """Return a new deposit address; None for a chain without a node."""
        node = self._nodes.get(chain.name)
        return node.new_address() if node else None

    async def pay(self, asset: Asset, address: str, amount: int) -> NodePayment:
        """Pay an amount, in smallest units of an asset, to an address.

        Raises:
            ApiError: `invalid_request`: the nodes' file has no such token; `settlement_failed`: the node refused.
        """
        token = NATIVE if asset.contract is None else self._tokens[asset.chain.name].get(asset.symbol)
        if token is None:
            raise invalid(f"the settle file has no {asset.symbol} on {asset.chain.name}; add it to its tokens")
        try:
            return await self._nodes[asset.chain.name].pay(address, token, amount)
        except NodeError as error:
            raise ApiError("settlement_failed", str(error), status=502) from None

    async def close(self) -> None:
        """Close the connections; the nodes keep running."""
        for node in self._nodes.values():
            await node.aclose()


def open_real_deposits(path: Path | None) -> RealDeposits:
    """Return the real deposits on the nodes of a file; without a file every chain is simulated.

    Raises:
        NodeFileError: The file is invalid; the text names it and the field.
        NodeMissing: Something that a node's client needs is not installed.
    """
    if path is None:
        return RealDeposits({})
    entries = read_nodes(path)
    try:
        return RealDeposits(entries)
    except NodeFileError as error:
        raise NodeFileError(f"{path}: {error}") from None


def _check(name: str, entry: NodeEntry) -> None:
    chain = CHAINS.get(name)
    kind = _NODE_OF.get(chain.family) if chain else None
    if kind is None:
        supported = ", ".join(chain.name for chain in CHAINS.values() if chain.family in _NODE_OF)
        raise NodeFileError(f"{name}: no node can settle this chain; supported are {supported}")
    if entry.node != kind:
        raise NodeFileError(f"{name}.node: must be {kind}, not {entry.node}")
