"""The chain's own coin, which leaves no event: by blocks, by balances, and by traces only where those do not agree.

A block tells what its transactions send; every few blocks the balances of all addresses tell whether that was all.
Where more came than was sent, the blocks in between are looked into by traces. What even those do not explain, or what
a node without traces or old states leaves open, becomes a deposit of its own, so that no coin comes unnoticed.

Cost: one call per new block, one per some twenty blocks and 500 addresses, and one per scan; blocks are read once as
long as the reader lives. A gap remains: coins that come by a contract's call and leave by another one between two looks
at the balances are not seen.
"""

from collections.abc import Callable, Mapping

from baton.chains.evm.balances import Balances
from baton.chains.evm.block_cache import BlockCache, CachedBlock
from baton.chains.evm.node import EvmNode
from baton.chains.evm.traces import ROOT, Traces
from baton.chains.evm.transfers import EvmTransfer
from baton.chains.evm.wire import EvmBlock, EvmTransaction, Receipt

BALANCE = "balance:"
"""Start of the index of a deposit that only the balance tells of; the address follows.

Its transaction being unknown, its `tx_id` is the hash of the block where the coins were first seen: good for people to
look into, and no proof to submit.
"""

PIECE = 20
"""Most blocks between two looks at the balances."""


class NativeCoinReader:
    """Reads the chain's own coin through one node, and remembers the blocks that can still be reorganised."""

    def __init__(self, node: EvmNode) -> None:
        self._node = node
        self._balances = Balances(node)
        self._traces = Traces(node)
        self._memory = BlockCache()
        self._addresses: dict[str, int] = {}

    async def begin(self, lowest: int, last: int, since: Mapping[str, int]) -> None:
        """Get ready to read: to be called once before the reading of some blocks.

        Args:
            lowest: Lowest block of interest; what lies below is forgotten.
            last: Highest block of interest.
            since: The watched addresses, each with the time from when on it matters, in seconds since 1970.

        Raises:
            ChainError: The node does not answer.
        """
        self._memory.forget_below(lowest)
        await self._join(since)
        await self._follow_reorganisation(last)

    async def read(self, first: int, last: int, spent: Callable[[], bool]) -> tuple[list[EvmTransfer], int]:
        """Return what came from `first` on, and the last block that was read; at least some blocks are.

        Args:
            first: First block to read.
            last: Last block to read.
            spent: Tells when to stop early; what was read is remembered.

        Raises:
            ChainError: The node does not answer.
        """
        while True:
            blocks = self._memory.blocks
            height = next((one for one in range(first, last + 1) if one not in blocks), last + 1)
            if height > last or (height > first and spent()):
                return self._memory.found(range(first, height), self._addresses), height - 1
            await self._piece(height, min(last, height + PIECE - 1))

    async def _join(self, since: Mapping[str, int]) -> None:
        """Take new addresses in; blocks are read again only for those that hold coins already."""
        new = {one: time for one, time in since.items() if time < self._addresses.get(one, time + 1)}
        self._addresses = dict(since)
        look = self._memory.look
        coins = await self._balances.read(list(new), look.height) if look and new else {}
        if look is not None and coins is not None:
            look.coins.update(coins)
            new = {one: time for one, time in new.items() if coins[one]}
        if new:
            self._memory.drop_since(min(new.values()))

    async def _follow_reorganisation(self, last: int) -> None:
        blocks = self._memory.blocks
        while blocks:
            height = min(max(blocks), last)
            header = await self._node.header(height) if height in blocks else None
            if header is not None and header.hash.lower() == blocks[height].hash:
                return
            self._memory.drop_from(height)
            blocks = self._memory.blocks

    async def _piece(self, first: int, last: int) -> None:
        memory = self._memory
        if first > 0 and not memory.continues(first):
            memory.look = None
            coins = await self._balances.read(list(self._addresses), first - 1)
            if coins is not None:
                memory.settled(first - 1, coins)
        for height in range(first, last + 1):
            block = await self._node.block(height)
            below = memory.blocks.get(height - 1)
            if below is not None and below.hash != block.parent_hash.lower():
                # The chain was reorganised between two calls: go back until it fits.
                memory.drop_from(height - 1)
                return
            memory.blocks[height] = await self._direct(block)
        await self._settle(last)

    async def _direct(self, block: EvmBlock) -> CachedBlock:
        seen, watched = CachedBlock.of(block), self._addresses
        for transaction in block.transactions:
            sender, receiver = transaction.from_.lower(), (transaction.to or "").lower()
            if sender not in watched and (receiver not in watched or transaction.value == 0):
                continue
            receipt = await self._receipt(transaction, block)
            moved = transaction.value if receipt.succeeded and sender != receiver else 0
            if sender in watched:
                seen.change(sender, -moved - receipt.fee)
            if receiver in watched and moved:
                tx_hash = transaction.hash.lower()
                seen.add(EvmTransfer(receiver, None, tx_hash, ROOT, moved, sender, seen.height, seen.hash))
        return seen

    async def _receipt(self, transaction: EvmTransaction, block: EvmBlock) -> Receipt:
        receipt = await self._node.receipt(transaction.hash)
        if receipt is None or receipt.block_hash.lower() != block.hash.lower():
            raise self._node.broken("eth_getTransactionReceipt", f"does not fit block {block.number}")
        return receipt

    async def _settle(self, height: int) -> None:
        """Find what came in besides what is known, between the last look at the balances and this one."""
        memory = self._memory
        coins = await self._balances.read(list(self._addresses), height)
        if coins is None:
            return
        for address, after in coins.items():
            before = memory.look.coins.get(address) if memory.look else None
            if before is not None and after - before > memory.explained(address, height):
                await self._look_into(address, height)
                rest = after - before - memory.explained(address, height)
                _add_rest(memory.blocks[height], address, rest)
        memory.settled(height, coins)

    async def _look_into(self, address: str, last: int) -> None:
        """BalanceSnapshot at each block's balance since the last look, and trace where it grew by more than is known."""
        look = self._memory.look
        if look is None or look.folded > look.height or last - look.height > PIECE:
            return
        before = look.coins[address]
        for height in range(look.height + 1, last + 1):
            coins = await self._balances.read([address], height)
            if coins is None:
                return
            seen = self._memory.blocks[height]
            if coins[address] - before > seen.net.get(address, 0):
                await self._traces.explain(seen, address)
                _add_rest(seen, address, coins[address] - before - seen.net.get(address, 0))
            before = coins[address]


def _add_rest(seen: CachedBlock, address: str, rest: int) -> None:
    if rest > 0:
        seen.add(EvmTransfer(address, None, seen.hash, BALANCE + address, rest, None, seen.height, seen.hash))
