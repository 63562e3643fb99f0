"""How many blocks one log query of a provider may cover: found out by what it refuses. Pure.

Limits differ from 5 blocks to none, some count results instead of blocks, and none of them is told in one form.
"""

import re

_SUGGESTED = re.compile(r"\[(0x[0-9a-fA-F]{1,16}), ?(0x[0-9a-fA-F]{1,16})\]")
_PATIENCE = 4
"""Accepted queries of full size before a larger one is tried."""
_MEMORY = 200
"""Accepted queries after which a refused size is tried again: some refusals were about that range's results."""


class QuerySpan:
    """The number of blocks to ask for.

    Args:
        limit: Never more than this.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._good = 0
        self._refused: int | None = None
        self._streak = 0
        self._since_refusal = 0
        self.blocks = limit
        """Blocks for the next query."""

    def refused(self, blocks: int, text: str = "") -> None:
        """Take note that a query of that many blocks was refused; the provider's text may suggest a range."""
        self._refused = blocks
        self._good = self._good if self._good < blocks else 0
        self._streak = self._since_refusal = 0
        self.blocks = max(1, min(_suggested(text) or max(blocks // 2, self._good), blocks - 1))

    def doubted(self, blocks: int) -> None:
        """Take note that a query came to nothing without a word about its size: the next ones are smaller."""
        self._streak = 0
        self.blocks = min(self.blocks, max(1, self._limit // 16, blocks // 2))

    def accepted(self, blocks: int) -> None:
        """Take note that a query of that many blocks was answered."""
        self._since_refusal += 1
        if self._since_refusal >= _MEMORY:
            self._refused = None
        if blocks < self.blocks:
            return
        self._good, self._streak = blocks, self._streak + 1
        if self._streak >= _PATIENCE:
            self._streak = 0
            self.blocks = self._larger()

    def _larger(self) -> int:
        if self._refused is None:
            return min(self._limit, self.blocks + max(1, self.blocks // 2))
        # Half the way to what was refused, so that the provider's own limit is soon found.
        return max(self.blocks, min(self._limit, self._refused - 1, (self.blocks + self._refused + 1) // 2))


def _suggested(text: str) -> int | None:
    found = _SUGGESTED.search(text)
    blocks = int(found[2], 16) - int(found[1], 16) + 1 if found else 0
    return blocks if blocks > 0 else None
