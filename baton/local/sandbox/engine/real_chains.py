"""Deposits that are real: on chains with a local node, addresses are the chain's own and payments are transactions.

What Orchestra does itself (seeing a deposit without a submit, sweeps, deliveries, refunds, a replaced transaction)
stays simulated, and so does every chain without a node.
"""

from collections.abc import Mapping
from pathlib import Path

from baton.local.nodes.book import NodeEntry, NodeFileError, read_nodes
from baton.local.nodes.node import NATIVE, NodeError, NodePayment
from baton.local.sandbox.engine.assets import CHAINS, Asset, SandboxChain, SandboxFamily
from baton.local.sandbox.errors import ApiError, invalid

_NODE_OF = {SandboxFamily.EVM: "anvil", SandboxFamily.SOLANA: "surfnet", SandboxFamily.BITCOIN: "bitcoind"}


class Settling:
    """Pays on the nodes of some chains.

    Args:
        entries: The nodes by chain.

    Raises:
        NodeFileError: A chain is unknown, or its node is of another kind.
        NodeMissing: Something that a node needs on this side is not installed.
    """

    def __init__(self, entries: Mapping[str, NodeEntry]) -> None:
        for chain, entry in entries.items():
            _check(chain, entry)
        self._tokens = {chain: entry.tokens for chain, entry in entries.items()}
        self._nodes = {chain: entry.open() for chain, entry in entries.items()}
        for node in self._nodes.values():
            # What is missing shall show now, not with the first quote.
            node.new_address()

    @property
    def chains(self) -> list[str]:
        """Return the chains whose deposits are real."""
        return list(self._nodes)

    def address(self, chain: SandboxChain) -> str | None:
        """Return a fresh deposit address; None for a chain without a node."""
        node = self._nodes.get(chain.name)
        return node.new_address() if node else None

    async def pay(self, asset: Asset, address: str, amount: int) -> NodePayment:
        """Pay smallest units of an asset to an address.

        Raises:
            ApiError: `invalid_request`: the file names no such token; `settlement_failed`: the node refused.
        """
        held = NATIVE if asset.contract is None else self._tokens[asset.chain.name].get(asset.symbol)
        if held is None:
            raise invalid(f"the settling file names no {asset.symbol} on {asset.chain.name}; add it to its tokens")
        try:
            return await self._nodes[asset.chain.name].pay(address, held, amount)
        except NodeError as error:
            raise ApiError("settlement_failed", str(error), status=502) from None

    async def close(self) -> None:
        """Close the connections; the nodes go on."""
        for node in self._nodes.values():
            await node.aclose()


def open_settling(path: Path | None) -> Settling:
    """Return what pays on the nodes that a file names; without a file every chain is simulated.

    Raises:
        NodeFileError: The file does not fit; the text names it and the field.
        NodeMissing: Something that a node needs on this side is not installed.
    """
    if path is None:
        return Settling({})
    entries = read_nodes(path)
    try:
        return Settling(entries)
    except NodeFileError as error:
        raise NodeFileError(f"{path}: {error}") from None


def _check(name: str, entry: NodeEntry) -> None:
    chain = CHAINS.get(name)
    wanted = _NODE_OF.get(chain.family) if chain else None
    if wanted is None:
        known = ", ".join(one.name for one in CHAINS.values() if one.family in _NODE_OF)
        raise NodeFileError(f"{name}: no node can settle this; there are {known}")
    if entry.node != wanted:
        raise NodeFileError(f"{name}.node: must be {wanted}, not {entry.node}")
