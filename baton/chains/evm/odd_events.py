"""Events of a log query that cannot be read: which of them may be a deposit, and how far they hold the cursor. Pure."""

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

from baton.chains.evm.codec import address_in
from baton.chains.evm.wire import TRANSFER, EventPlace, is_hash, read_or_none

MOST_SENTENCES = 20
"""How many events one scan names."""


@dataclass
class Doubts:
    """What the answers to log queries left open.

    Attributes:
        lowest: Lowest block that is worth reading again; None if every answer was clear.
        is_blank: Whether an answer was null. That stands for an empty list, but proves nothing.
        sentences: One sentence for each event that could not be read.
    """

    lowest: int | None = None
    is_blank: bool = False
    sentences: list[str] = field(default_factory=list)

    def add(self, height: int, sentence: str | None = None) -> None:
        """Record that the answer for a block left something open."""
        self.lowest = height if self.lowest is None else min(self.lowest, height)
        if sentence and len(self.sentences) < MOST_SENTENCES:
            self.sentences.append(sentence)

    def include(self, others: "Doubts") -> None:
        """Add what other queries left open, but not where: the cursor is held for its own blocks only."""
        self.is_blank = self.is_blank or others.is_blank
        self.sentences += others.sentences[: MOST_SENTENCES - len(self.sentences)]

    def holds(self, top: int, span: int) -> int | None:
        """Return the block below which the cursor stays; None if nothing holds it.

        It stays as long as one query covers the blocks up to the newest one, because that costs no further call.
        """
        return self.lowest if self.lowest is not None and top - self.lowest < span else None


def may_be_deposit(event: Any, addresses: Set[str]) -> bool:
    """Whether an event that cannot be read may be a transfer of tokens to one of these raw addresses."""
    fields = event if isinstance(event, dict) else {}
    if fields.get("removed") is True:
        return False
    match fields.get("topics"):
        case [str(topic), _, str(receiver)]:
            raw = address_in(receiver)
            return topic.lower() == TRANSFER and (raw is None or raw in addresses)
        case [_, _, _]:
            return True
        case list():
            return False  # another number of fields is no transfer of tokens
        case _:
            return True


def height_of(event: Any) -> int | None:
    """Return the height of an event's block; None if it cannot be read."""
    place = read_or_none(EventPlace, event)
    return place.block_number if place else None


def transaction_of(event: Any) -> str:
    """Return the hash of an event's transaction; `?` if it cannot be read."""
    tx_hash = event.get("transactionHash") if isinstance(event, dict) else None
    return tx_hash if isinstance(tx_hash, str) and is_hash(tx_hash) else "?"
