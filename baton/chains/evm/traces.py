"""Transfers of the chain's own coin inside transactions: by contracts, and by contracts that destroy themselves."""

from collections.abc import Iterator

from baton.chains.errors import UNREADABLE, ProviderBroken, RpcRefused
from baton.chains.evm.block_cache import CachedBlock
from baton.chains.evm.node import EvmNode
from baton.chains.evm.transfers import EvmTransfer, summed
from baton.chains.evm.wire import EvmReceipt, Frame

ROOT = "call"
"""Index of the transfer that a transaction itself makes; for each call inside, a dot and a number are added."""

_MOVING = frozenset({"CALL", "CREATE", "CREATE2", "SELFDESTRUCT"})
# DELEGATECALL shows a value too, but it is its caller's and does not move.


def moves(frame: Frame, path: str = ROOT) -> Iterator[tuple[str, Frame]]:
    """Return the inner calls that moved coins, each with its path; a failed call and all calls in it moved nothing."""
    if frame.error:
        return
    if path != ROOT and frame.type.upper() in _MOVING and frame.value and frame.to:
        yield path, frame
    for number, call in enumerate(frame.calls):
        yield from moves(call, f"{path}.{number}")


class Traces:
    """Reads traces through one node, if it offers them."""

    def __init__(self, node: EvmNode) -> None:
        self._node = node

    async def explain(self, block: CachedBlock, address: str) -> None:
        """Record what the calls inside a block's transactions moved to and from an address, if there are traces.

        Raises:
            ChainError: The node does not answer.
        """
        roots = []
        for tx_hash in block.calls:
            root = await self._root(tx_hash)
            if root is None:
                return
            roots.append((tx_hash, root))
        for tx_hash, root in roots:
            for path, frame in moves(root):
                _record(block, address, tx_hash, path, frame)

    async def received(self, receipt: EvmReceipt, address: str) -> EvmTransfer | None:
        """Return what an address received in a transaction, by its traces; None if it was nothing.

        Raises:
            LookupError: There are no traces.
            ChainError: The node does not answer.
        """
        root = await self._root(receipt.transaction_hash)
        if root is None:
            raise LookupError("the node has no traces that can be read")
        own = [(ROOT, root)] if root.value and not root.error else []
        tx_hash, height, block_hash = receipt.transaction_hash, receipt.block_number, receipt.block_hash
        transfers = [
            EvmTransfer(address, None, tx_hash, path, frame.value or 0, None, height, block_hash)
            for path, frame in (*own, *moves(root))
            if (frame.to or "").lower() == address != frame.from_.lower()
        ]
        return next(iter(summed(transfers)), None)

    async def _root(self, tx_hash: str) -> Frame | None:
        """Return the outermost call of a transaction; None if the node has no traces, or none that can be read."""
        try:
            return await self._node.trace(tx_hash)
        except RpcRefused:
            return None
        except ProviderBroken as error:
            if error.code != UNREADABLE:
                raise
            return None


def _record(block: CachedBlock, address: str, tx_hash: str, path: str, frame: Frame) -> None:
    sender, receiver, amount = frame.from_.lower(), (frame.to or "").lower(), frame.value or 0
    if sender == receiver:
        return
    if sender == address:
        block.explain(address, -amount)
    if receiver == address:
        block.add(EvmTransfer(address, None, tx_hash, path, amount, sender, block.height, block.hash))
