"""How many blocks one log query of a provider may cover: learned from what it refuses. Pure.

Limits range from 5 blocks to none, some count results instead of blocks, and every provider words its refusal in its
own way.
"""

import re

_SUGGESTED = re.compile(r"\[(0x[0-9a-fA-F]{1,16}), ?(0x[0-9a-fA-F]{1,16})\]")
_GROW_AFTER = 4
"""Accepted queries of full size before a larger one is tried."""
_FORGET_REFUSAL_AFTER = 200
"""Accepted queries after which a refused size is tried again: a refusal may have been about one range's results."""


class QuerySpan:
    """The number of blocks to ask for.

    Args:
        limit: Never more than this.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._accepted = 0
        self._refused: int | None = None
        self._streak = 0
        self._since_refusal = 0
        self.blocks = limit
        """Blocks for the next query."""

    def refused(self, blocks: int, text: str = "") -> None:
        """Shrink after the provider refused a query of that many blocks; its text may suggest a range."""
        self._refused = blocks
        self._accepted = self._accepted if self._accepted < blocks else 0
        self._streak = self._since_refusal = 0
        self.blocks = max(1, min(_suggested(text) or max(blocks // 2, self._accepted), blocks - 1))

    def failed(self, blocks: int) -> None:
        """Shrink after a query failed without a word about its size, because its answer may have been too long."""
        self._streak = 0
        self.blocks = min(self.blocks, max(1, self._limit // 16, blocks // 2))

    def accepted(self, blocks: int) -> None:
        """Record that a query of that many blocks was answered; after some of them, grow."""
        self._since_refusal += 1
        if self._since_refusal >= _FORGET_REFUSAL_AFTER:
            self._refused = None
        if blocks < self.blocks:
            return
        self._accepted, self._streak = blocks, self._streak + 1
        if self._streak >= _GROW_AFTER:
            self._streak = 0
            self.blocks = self._larger()

    def _larger(self) -> int:
        if self._refused is None:
            return min(self._limit, self.blocks + max(1, self.blocks // 2))
        # Half way to the refused size, so that the provider's own limit is soon found.
        return max(self.blocks, min(self._limit, self._refused - 1, (self.blocks + self._refused + 1) // 2))


def _suggested(text: str) -> int | None:
    match = _SUGGESTED.search(text)
    blocks = int(match[2], 16) - int(match[1], 16) + 1 if match else 0
    return blocks if blocks > 0 else None
