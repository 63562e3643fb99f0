"""Find a block just before a point in time, with a few block headers."""

from baton.chains.evm.node import EvmNode
from baton.chains.evm.wire import EvmHeader

_CLOSE = 16
"""Blocks that may be scanned unnecessarily; cheaper than another header."""


async def block_before(node: EvmNode, time: int, top: int, block_seconds: float) -> int:
    """Return the height of a block at or shortly before a time.

    Args:
        node: The node.
        time: Seconds since 1970.
        top: The newest block to consider; it is the result if it is older than the time.
        block_seconds: The usual time between two blocks, for the first estimate.

    Raises:
        ChainError: The node does not answer, or does not know a block below its head.
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
        raise node.unknown_block(height)
    return header
