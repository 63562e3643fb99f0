"""Which block a point in time lies before: found by a few block headers."""

from baton.chains.errors import ProviderBroken
from baton.chains.evm.node import EvmNode
from baton.chains.evm.wire import EvmHeader

_CLOSE = 16
"""Blocks that may be read in vain rather than ask once more."""


async def block_before(node: EvmNode, time: int, top: int, block_seconds: float) -> int:
    """Return a block that is not younger than a time, and not much older.

    Args:
        node: The node.
        time: Seconds since 1970.
        top: The newest block to consider; it is returned when it is older than the time.
        block_seconds: The usual time between two blocks: the first guess.

    Raises:
        ChainError: The node does not answer, or does not know a block that it should.
    """
    newest = await _header(node, top)
    if newest.timestamp <= time or top == 0:
        return top
    low, high = await _bracket(node, time, newest, block_seconds)
    pace = max((newest.timestamp - low.timestamp) / (newest.number - low.number), 0.001)
    close = max(_CLOSE, (newest.number - low.number) // 50)
    while high - low.number > close and (time - low.timestamp) / pace > close:
        middle = await _header(node, (low.number + high) // 2)
        if middle.timestamp <= time:
            low = middle
        else:
            high = middle.number
    return low.number


async def _bracket(node: EvmNode, time: int, newest: EvmHeader, block_seconds: float) -> tuple[EvmHeader, int]:
    high, step = newest.number, int((newest.timestamp - time) / block_seconds * 1.05) + 1
    while True:
        low = await _header(node, max(newest.number - step, 0))
        if low.number == 0 or low.timestamp <= time:
            return low, high
        high, step = low.number, step * 2


async def _header(node: EvmNode, height: int) -> EvmHeader:
    header = await node.header(height)
    if header is None:
        raise ProviderBroken("unreadable", f"{node.name}: eth_getBlockByNumber: does not tell block {height}")
    return header
