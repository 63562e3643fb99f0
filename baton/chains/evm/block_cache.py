"""Blocks that were read for the chain's own coin, for as long as they can still be reorganised. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from baton.chains.evm.transfers import EvmTransfer
from baton.chains.evm.wire import EvmBlock

_PLAIN_GAS = 21_000
"""A transaction with no more gas cannot run code."""


@dataclass
class CachedBlock:
    """What stays of a block: `calls` are the transactions that could run code, until the balances are settled."""

    height: int
    hash: str
    timestamp: int
    calls: tuple[str, ...]
    net: dict[str, int] = field(default_factory=dict)
    """What is explained of the change of each balance, in wei."""
    found: list[EvmTransfer] = field(default_factory=list)

    @classmethod
    def of(cls, block: EvmBlock) -> "CachedBlock":
        """Return what stays of a block, with nothing found in it yet."""
        calls = tuple(one.hash.lower() for one in block.transactions if one.gas > _PLAIN_GAS)
        return cls(block.number, block.hash.lower(), block.timestamp, calls)

    def change(self, address: str, amount: int) -> None:
        """Note a part of a balance's change as explained."""
        self.net[address] = self.net.get(address, 0) + amount

    def add(self, found: EvmTransfer) -> None:
        """Note a transfer, and with it a part of the receiver's change."""
        self.found.append(found)
        self.change(found.address, found.amount)


@dataclass
class BalanceSnapshot:
    """A look at the balances after a block, and what is explained of their change up to block `folded`."""

    height: int
    coins: dict[str, int]
    net: dict[str, int] = field(default_factory=dict)
    folded: int = -1

    def __post_init__(self) -> None:
        self.folded = max(self.folded, self.height)


class BlockCache:
    """Blocks without a gap between them, and the last look at the balances."""

    def __init__(self) -> None:
        self.blocks: dict[int, CachedBlock] = {}
        self.look: BalanceSnapshot | None = None

    def forget_below(self, height: int) -> None:
        """Drop the blocks below a height, which are final, but keep what they explain of the balances."""
        look = self.look
        if look is not None:
            for at in range(look.folded + 1, height):
                if at not in self.blocks:
                    # Somebody else read these blocks: what they explain is not known here.
                    self.look = None
                    break
                for address, amount in self.blocks[at].net.items():
                    look.net[address] = look.net.get(address, 0) + amount
                look.folded = at
        self.blocks = {at: seen for at, seen in self.blocks.items() if at >= height}

    def drop_from(self, height: int) -> None:
        """Drop that block and all above: they are to be read again."""
        self.blocks = {at: seen for at, seen in self.blocks.items() if at < height}
        if self.look and self.look.height >= height:
            self.look = None

    def drop_since(self, time: int) -> None:
        """Drop the blocks of that time and later, in seconds since 1970."""
        heights = [at for at, seen in self.blocks.items() if seen.timestamp >= time]
        if heights:
            self.drop_from(min(heights))

    def continues(self, height: int) -> bool:
        """Tell whether the last look lies below a height, with every block in between known."""
        look = self.look
        if look is None or look.folded >= height:
            return False
        return all(at in self.blocks for at in range(look.folded + 1, height))

    def explained(self, address: str, last: int) -> int:
        """Return what is explained of a balance's change from the last look to the end of a block."""
        if self.look is None:
            return 0
        blocks = (self.blocks[at] for at in range(self.look.folded + 1, last + 1))
        return self.look.net.get(address, 0) + sum(seen.net.get(address, 0) for seen in blocks)

    def settled(self, height: int, coins: Mapping[str, int]) -> None:
        """Take a new look as the last one; the blocks up to it need no traces any more."""
        for at in range(self.look.folded + 1 if self.look else height, height + 1):
            if at in self.blocks:
                self.blocks[at].calls = ()
        self.look = BalanceSnapshot(height, dict(coins))

    def found(self, heights: Iterable[int], addresses: Mapping[str, object]) -> list[EvmTransfer]:
        """Return what came in these blocks to these addresses."""
        return [one for at in heights for one in self.blocks[at].found if one.address in addresses]
