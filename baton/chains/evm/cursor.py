"""How far a chain was read, and for whom. Pure.

All addresses are read together from `next` on. An address that joins later and whose time lies before that has a part
of its own to be read, once, while the others go on. The cursor therefore holds who was read: eight characters for each
watch, a digest of its address and time.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

_DIGEST = 8


class CursorPart(BaseModel):
    """Blocks still to be read, both ends included, for those whose digests stand in `who`, one after the other."""

    model_config = ConfigDict(frozen=True)

    first: int
    last: int
    who: str


class EvmCursor(BaseModel):
    """Where the next scan goes on.

    Attributes:
        next: Lowest block to read; all below are final and read, but for the parts.
        time: Timestamp of the block below `next`, in seconds since 1970.
        who: Digests of the watches that are read from `next` on and have no part of their own.
        parts: What latecomers still need.
    """

    model_config = ConfigDict(frozen=True)

    next: int
    time: int
    who: str = ""
    parts: tuple[CursorPart, ...] = ()

    @property
    def known(self) -> frozenset[str]:
        """Return the digests of every watch that was placed already."""
        return digests_in(self.who).union(*(digests_in(part.who) for part in self.parts))

    def only(self, digests: Iterable[str]) -> "EvmCursor":
        """Return the cursor without the watches that are none of these, and without parts that nobody needs."""
        open_ = frozenset(digests)
        kept = [part.model_copy(update={"who": joined(digests_in(part.who) & open_)}) for part in self.parts]
        parts = tuple(part for part in kept if part.who and part.first <= part.last)
        late = frozenset[str]().union(*(digests_in(part.who) for part in parts))
        done = digests_in(self.who).union(*(digests_in(part.who) for part in kept))
        return self.model_copy(update={"who": joined((done & open_) - late), "parts": parts})


def digest(address: str, since: datetime) -> str:
    """Return eight characters that stand for a watch: an address, in its inner form, from a time on."""
    told = f"{address} {int(since.timestamp())}".encode()
    return base64.urlsafe_b64encode(hashlib.sha256(told).digest()[: _DIGEST * 3 // 4]).decode()


def joined(digests: Iterable[str]) -> str:
    """Return digests as one text."""
    return "".join(sorted(digests))


def digests_in(text: str) -> frozenset[str]:
    """Return the digests that a text holds."""
    return frozenset(text[start : start + _DIGEST] for start in range(0, len(text), _DIGEST))


def parsed(text: str | None) -> EvmCursor | None:
    """Return the cursor that a text holds; None where it holds none: reading everything again is harmless."""
    try:
        return EvmCursor.model_validate_json(text) if text else None
    except ValidationError:
        return None


def placed(cursor: EvmCursor, newcomers: Mapping[str, int], first: int | None) -> EvmCursor:
    """Return the cursor with new watches in it.

    Args:
        cursor: What was read before.
        newcomers: Digests of the new watches, each with the time from when on it matters, in seconds since 1970.
        first: A block before all of those that need a part of their own; None when none does.
    """
    late = {one for one, since in newcomers.items() if since <= cursor.time}
    who = joined(digests_in(cursor.who) | (newcomers.keys() - late))
    part = () if first is None else (CursorPart(first=first, last=cursor.next - 1, who=joined(late)),)
    return cursor.model_copy(update={"who": who, "parts": cursor.parts + part})
