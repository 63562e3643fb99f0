"""Read transfers of the chain's own coin, which leave no event: from blocks, balances and, only if needed, traces.

A block lists what its transactions send. Every few blocks, the balances of all addresses show whether that was all. If
an address received more, the blocks in between are traced. What traces do not explain, or what a node without traces or
old states leaves open, becomes a deposit of its own, so no payment is missed.

Cost: one call for each new block, one for some twenty blocks and 500 addresses, and one for each scan; a reader keeps
the blocks that it has read. One gap remains: coins that arrive by a contract's call and leave by another one between
two balance snapshots are not seen.
"""

from collections.abc import Callable, Mapping

from baton.chains.evm.balances import Balances
from baton.chains.evm.block_cache import BlockCache, CachedBlock
from baton.chains.evm.node import EvmNode
from baton.chains.evm.traces import ROOT, Traces
from baton.chains.evm.transfers import EvmTransfer
from baton.chains.evm.wire import EvmBlock, EvmReceipt, EvmTransaction

BALANCE = "balance:"
"""Start of the index of a deposit that is known only from the balance; the address follows.

Its transaction is unknown, so its `tx_id` is the hash of the block where the coins were first seen: a person can
investigate it, but it is no proof to submit.
"""

SNAPSHOT_EVERY = 20
"""Most blocks between two balance snapshots."""


class NativeCoinReader:
    """Reads the chain's own coin through one node, and caches the blocks that a reorg can still replace."""

    def __init__(self, node: EvmNode) -> None:
        self._node = node
        self._balances = Balances(node)
        self._traces = Traces(node)
        self._cache = BlockCache()
        self._addresses: dict[str, int] = {}

    async def begin(self, lowest: int, last: int, since: Mapping[str, int]) -> None:
        """Prepare to read a range of blocks; call it once before the reads of that range.

        Args:
            lowest: Lowest block of the range; the cache drops the blocks below.
            last: Highest block of the range.
            since: The watched addresses, each with the time when its watch begins, in seconds since 1970.

        Raises:
            ChainError: The node does not answer.
        """
        self._cache.forget_below(lowest)
        await self._watch(since)
        await self._drop_replaced_blocks(last)

    async def read(self, first: int, last: int, is_spent: Callable[[], bool]) -> tuple[list[EvmTransfer], int]:
        """Return the transfers from block `first` on, and the last block that was read; at least some blocks are.

        Args:
            first: First block to read.
            last: Last block to read.
            is_spent: Whether to stop early; the blocks read so far stay in the cache.

        Raises:
            ChainError: The node does not answer.
        """
        while True:
            blocks = self._cache.blocks
            height = next((at for at in range(first, last + 1) if at not in blocks), last + 1)
            if height > last or (height > first and is_spent()):
                return self._cache.transfers(range(first, height), self._addresses), height - 1
            await self._read_blocks(height, min(last, height + SNAPSHOT_EVERY - 1))

    async def _watch(self, since: Mapping[str, int]) -> None:
        """Add new addresses; cached blocks are read again only for those that already hold coins."""
        new = {address: time for address, time in since.items() if time < self._addresses.get(address, time + 1)}
        self._addresses = dict(since)
        snapshot = self._cache.snapshot
        balances = await self._balances.read(list(new), snapshot.height) if snapshot and new else {}
        if snapshot is not None and balances is not None:
            snapshot.balances.update(balances)
            new = {address: time for address, time in new.items() if balances[address]}
        if new:
            self._cache.drop_since(min(new.values()))

    async def _drop_replaced_blocks(self, last: int) -> None:
        """Drop the cached blocks that a reorg has replaced."""
        blocks = self._cache.blocks
        while blocks:
            height = min(max(blocks), last)
            header = await self._node.header(height) if height in blocks else None
            if header is not None and header.hash.lower() == blocks[height].hash:
                return
            self._cache.drop_from(height)
            blocks = self._cache.blocks

    async def _read_blocks(self, first: int, last: int) -> None:
        cache = self._cache
        if first > 0 and not cache.continues_to(first):
            cache.snapshot = None
            balances = await self._balances.read(list(self._addresses), first - 1)
            if balances is not None:
                cache.take_snapshot(first - 1, balances)
        for height in range(first, last + 1):
            block = await self._node.block(height)
            parent = cache.blocks.get(height - 1)
            if parent is not None and parent.hash != block.parent_hash.lower():
                # A reorg happened between two calls: read again from the parent.
                cache.drop_from(height - 1)
                return
            cache.blocks[height] = await self._direct_transfers(block)
        await self._compare_balances(last)

    async def _direct_transfers(self, block: EvmBlock) -> CachedBlock:
        """Return a block with what its transactions themselves send."""
        cached, watched = CachedBlock.of(block), self._addresses
        for transaction in block.transactions:
            sender, receiver = transaction.from_.lower(), (transaction.to or "").lower()
            if sender not in watched and (receiver not in watched or transaction.value == 0):
                continue
            receipt = await self._receipt(transaction, block)
            amount = transaction.value if receipt.succeeded and sender != receiver else 0
            if sender in watched:
                cached.explain(sender, -amount - receipt.fee)
            if receiver in watched and amount:
                tx_hash = transaction.hash.lower()
                cached.add(EvmTransfer(receiver, None, tx_hash, ROOT, amount, sender, cached.height, cached.hash))
        return cached

    async def _receipt(self, transaction: EvmTransaction, block: EvmBlock) -> EvmReceipt:
        receipt = await self._node.receipt(transaction.hash)
        if receipt is None or receipt.block_hash.lower() != block.hash.lower():
            raise self._node.broken("eth_getTransactionReceipt", f"does not fit block {block.number}")
        return receipt

    async def _compare_balances(self, height: int) -> None:
        """Compare the balances with the last snapshot, and find the transfers that explain an unexplained increase."""
        cache = self._cache
        balances = await self._balances.read(list(self._addresses), height)
        if balances is None:
            return
        for address, after in balances.items():
            before = cache.snapshot.balances.get(address) if cache.snapshot else None
            if before is not None and after - before > cache.explained(address, height):
                await self._trace_increases(address, height)
                rest = after - before - cache.explained(address, height)
                _add_rest(cache.blocks[height], address, rest)
        cache.take_snapshot(height, balances)

    async def _trace_increases(self, address: str, last: int) -> None:
        """Read the balance after each block since the last snapshot, and trace each unexplained increase."""
        snapshot = self._cache.snapshot
        if snapshot is None or snapshot.folded > snapshot.height or last - snapshot.height > SNAPSHOT_EVERY:
            return
        before = snapshot.balances[address]
        for height in range(snapshot.height + 1, last + 1):
            balances = await self._balances.read([address], height)
            if balances is None:
                return
            block = self._cache.blocks[height]
            if balances[address] - before > block.net.get(address, 0):
                await self._traces.explain(block, address)
                _add_rest(block, address, balances[address] - before - block.net.get(address, 0))
            before = balances[address]


def _add_rest(block: CachedBlock, address: str, rest: int) -> None:
    if rest > 0:
        block.add(EvmTransfer(address, None, block.hash, BALANCE + address, rest, None, block.height, block.hash))
