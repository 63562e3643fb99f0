"""How far a chain was read, and for which watches. Pure.

All addresses are read together from `next` on. A watch that is added later, but begins earlier, needs the blocks in
between for itself: its backfill, read once, while the others continue. The cursor therefore holds the watches that it
covers, each as a digest of eight characters of its address and time.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

_DIGEST = 8


class Backfill(BaseModel):
    """Blocks still to be read, both ends included, for the watches whose digests `who` holds one after the other."""

    model_config = ConfigDict(frozen=True)

    first: int
    last: int
    who: str


class EvmCursor(BaseModel):
    """Where the next scan starts.

    Attributes:
        next: Lowest block to read; all blocks below are final and read, except for the backfills.
        time: Timestamp of the block below `next`, in seconds since 1970.
        who: Digests of the watches that are read from `next` on and need no backfill.
        parts: The backfills that are still open.
    """

    model_config = ConfigDict(frozen=True)

    next: int
    time: int
    who: str = ""
    parts: tuple[Backfill, ...] = ()

    @property
    def known(self) -> frozenset[str]:
        """The digests of every watch that the cursor covers."""
        return digests_in(self.who).union(*(digests_in(part.who) for part in self.parts))

    def only(self, digests: Iterable[str]) -> "EvmCursor":
        """Return the cursor with only these watches, and without the backfills that are done or not needed by them."""
        wanted = frozenset(digests)
        reduced = [part.model_copy(update={"who": joined(digests_in(part.who) & wanted)}) for part in self.parts]
        parts = tuple(part for part in reduced if part.who and part.first <= part.last)
        pending = frozenset[str]().union(*(digests_in(part.who) for part in parts))
        covered = digests_in(self.who).union(*(digests_in(part.who) for part in reduced))
        return self.model_copy(update={"who": joined((covered & wanted) - pending), "parts": parts})


def digest(address: str, since: datetime) -> str:
    """Return eight characters that identify a watch: a raw address from a time on."""
    watch = f"{address} {int(since.timestamp())}".encode()
    return base64.urlsafe_b64encode(hashlib.sha256(watch).digest()[: _DIGEST * 3 // 4]).decode()


def joined(digests: Iterable[str]) -> str:
    """Return digests as one text."""
    return "".join(sorted(digests))


def digests_in(text: str) -> frozenset[str]:
    """Return the digests in a text."""
    return frozenset(text[start : start + _DIGEST] for start in range(0, len(text), _DIGEST))


def parsed(text: str | None) -> EvmCursor | None:
    """Return the cursor in a text; None if there is none, since reading everything again is harmless."""
    try:
        return EvmCursor.model_validate_json(text) if text else None
    except ValidationError:
        return None


def with_watches(cursor: EvmCursor, added: Mapping[str, int], first: int | None) -> EvmCursor:
    """Return the cursor with further watches in it.

    Args:
        cursor: What was read before.
        added: Digests of the further watches, each with the time when it begins, in seconds since 1970.
        first: The block where their backfill starts; None if no watch needs one.
    """
    late = {name for name, since in added.items() if since <= cursor.time}
    who = joined(digests_in(cursor.who) | (added.keys() - late))
    backfill = () if first is None else (Backfill(first=first, last=cursor.next - 1, who=joined(late)),)
    return cursor.model_copy(update={"who": who, "parts": cursor.parts + backfill})
