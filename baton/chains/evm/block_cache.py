"""Blocks already read for the chain's own coin, kept for as long as a reorg can replace them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from baton.chains.evm.transfers import EvmTransfer
from baton.chains.evm.wire import EvmBlock

_PLAIN_GAS = 21_000
"""A transaction with no more gas cannot run code."""


@dataclass
class CachedBlock:
    """What is kept of a block.

    Attributes:
        height: Its height.
        hash: Its hash.
        timestamp: Seconds since 1970.
        calls: Transactions that could run code; emptied when a balance snapshot shows that no trace is needed.
        net: The explained part of each balance's change in this block, in wei.
        transfers: The transfers found in it.
    """

    height: int
    hash: str
    timestamp: int
    calls: tuple[str, ...]
    net: dict[str, int] = field(default_factory=dict)
    transfers: list[EvmTransfer] = field(default_factory=list)

    @classmethod
    def of(cls, block: EvmBlock) -> "CachedBlock":
        """Return a block for the cache, without transfers yet."""
        calls = tuple(transaction.hash.lower() for transaction in block.transactions if transaction.gas > _PLAIN_GAS)
        return cls(block.number, block.hash.lower(), block.timestamp, calls)

    def explain(self, address: str, amount: int) -> None:
        """Record a part of a balance's change as explained."""
        self.net[address] = self.net.get(address, 0) + amount

    def add(self, transfer: EvmTransfer) -> None:
        """Record a transfer, which explains a part of the receiver's change."""
        self.transfers.append(transfer)
        self.explain(transfer.address, transfer.amount)


@dataclass
class BalanceSnapshot:
    """The balances after a block.

    Attributes:
        height: The block.
        balances: Wei by address.
        net: The explained change of each balance since then, from blocks that left the cache.
        folded: The highest block whose changes are in `net`.
    """

    height: int
    balances: dict[str, int]
    net: dict[str, int] = field(default_factory=dict)
    folded: int = -1

    def __post_init__(self) -> None:
        self.folded = max(self.folded, self.height)


class BlockCache:
    """Blocks without a gap between them, and the last snapshot of the balances."""

    def __init__(self) -> None:
        self.blocks: dict[int, CachedBlock] = {}
        self.snapshot: BalanceSnapshot | None = None

    def forget_below(self, height: int) -> None:
        """Drop the blocks below a height, which are final, but keep what they explain of the balances."""
        if self.snapshot is not None:
            self._fold(self.snapshot, height)
        self.blocks = {at: block for at, block in self.blocks.items() if at >= height}

    def _fold(self, snapshot: BalanceSnapshot, height: int) -> None:
        for at in range(snapshot.folded + 1, height):
            if at not in self.blocks:
                # Another reader read these blocks, so what they explain is unknown here.
                self.snapshot = None
                return
            for address, amount in self.blocks[at].net.items():
                snapshot.net[address] = snapshot.net.get(address, 0) + amount
            snapshot.folded = at

    def drop_from(self, height: int) -> None:
        """Drop the block at a height and all above, so that they are read again."""
        self.blocks = {at: block for at, block in self.blocks.items() if at < height}
        if self.snapshot and self.snapshot.height >= height:
            self.snapshot = None

    def drop_since(self, time: int) -> None:
        """Drop the blocks of a time and later, in seconds since 1970."""
        heights = [at for at, block in self.blocks.items() if block.timestamp >= time]
        if heights:
            self.drop_from(min(heights))

    def continues_to(self, height: int) -> bool:
        """Whether the last snapshot lies below a height, and every block in between is in the cache."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.folded >= height:
            return False
        return all(at in self.blocks for at in range(snapshot.folded + 1, height))

    def explained(self, address: str, last: int) -> int:
        """Return the explained change of a balance from the last snapshot to the end of a block."""
        if self.snapshot is None:
            return 0
        blocks = (self.blocks[at] for at in range(self.snapshot.folded + 1, last + 1))
        return self.snapshot.net.get(address, 0) + sum(block.net.get(address, 0) for block in blocks)

    def take_snapshot(self, height: int, balances: Mapping[str, int]) -> None:
        """Make these the last snapshot; the blocks up to it need no traces any more."""
        for at in range(self.snapshot.folded + 1 if self.snapshot else height, height + 1):
            if at in self.blocks:
                self.blocks[at].calls = ()
        self.snapshot = BalanceSnapshot(height, dict(balances))

    def transfers(self, heights: Iterable[int], addresses: Mapping[str, object]) -> list[EvmTransfer]:
        """Return the transfers to these addresses in these blocks."""
        return [transfer for at in heights for transfer in self.blocks[at].transfers if transfer.address in addresses]
