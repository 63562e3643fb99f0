"""Moves of the chain's own coin inside transactions: by contracts, and by contracts that destroy themselves."""

from collections.abc import Iterator

from baton.chains.errors import RpcRefused
from baton.chains.evm.block_cache import CachedBlock
from baton.chains.evm.node import EvmNode
from baton.chains.evm.transfers import EvmTransfer
from baton.chains.evm.wire import Frame

ROOT = "call"
"""Index of what a transaction itself sends; a dot and a number are added for each call inside."""

_MOVING = frozenset({"CALL", "CREATE", "CREATE2", "SELFDESTRUCT"})
# DELEGATECALL shows a value as well, which is its caller's and does not move.


def moves(frame: Frame, path: str = ROOT) -> Iterator[tuple[str, Frame]]:
    """Return the calls inside that moved coins, each with its path; what failed moved nothing, nor did all in it."""
    if frame.error:
        return
    if path != ROOT and frame.type.upper() in _MOVING and frame.value and frame.to:
        yield path, frame
    for place, call in enumerate(frame.calls):
        yield from moves(call, f"{path}.{place}")


class Traces:
    """Reads traces through one node, where it has any."""

    def __init__(self, node: EvmNode) -> None:
        self._node = node

    async def explain(self, seen: CachedBlock, address: str) -> None:
        """Note what calls inside a block's transactions moved to and from an address, where there are traces.

        Raises:
            ChainError: The node does not answer.
        """
        roots = []
        for tx_hash in seen.calls:
            try:
                roots.append((tx_hash, await self._node.trace(tx_hash)))
            except RpcRefused:
                return
        for tx_hash, root in roots:
            for path, frame in moves(root):
                _note(seen, address, tx_hash, path, frame)

    async def inner(self, tx_hash: str, path: str) -> Frame | None:
        """Return the call at that path of a transaction if it moved coins; None when it did not, or cannot be told."""
        try:
            root = await self._node.trace(tx_hash)
        except RpcRefused:
            return None
        return dict(moves(root)).get(path)


def _note(seen: CachedBlock, address: str, tx_hash: str, path: str, frame: Frame) -> None:
    sender, receiver, amount = frame.from_.lower(), (frame.to or "").lower(), frame.value or 0
    if sender == receiver:
        return
    if sender == address:
        seen.change(address, -amount)
    if receiver == address:
        seen.add(EvmTransfer(address, None, tx_hash, path, amount, sender, seen.height, seen.hash))
