"""How far a scan of Bitcoin came, as text that either kind of reader goes on from. Pure.

What a reader of one kind needs alone is dropped by the other: that costs calls once and loses nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from baton.chains.spec import ChainSpec

FINAL_AFTER = 6
"""Confirmations after which a block counts as final where the chain's configuration does not say."""


class ListedOutputs(NamedTuple):
    """Which addresses a bitcoind reader has told everything of: those of its looks up to this one."""

    reader: str
    look: int


class Busy(NamedTuple):
    """An address with more than one page of history: what lies below this floor and is not older was told."""

    floor: int
    since: int
    """Seconds since 1970."""


class BitcoinCursor(BaseModel):
    """How far a scan came.

    Attributes:
        floor: Lowest height that was not final: below it nothing changes any more.
        busy: Esplora: see `Busy`; addresses of one page are read whole each time and need no place here.
        listed: bitcoind: see `ListedOutputs`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    floor: int = Field(ge=0)
    busy: Mapping[str, Busy] = {}
    listed: ListedOutputs | None = None


def read_cursor(text: str | None) -> BitcoinCursor | None:
    """Return the cursor; None for none, and for a text that cannot be read: then everything is read again."""
    try:
        return BitcoinCursor.model_validate_json(text) if text else None
    except ValidationError:
        return None


def write_cursor(cursor: BitcoinCursor) -> str:
    """Return the cursor as text."""
    return cursor.model_dump_json(exclude_defaults=True)


def final_after(spec: ChainSpec) -> int:
    """Return the confirmations, its own block included, after which a deposit is final."""
    return spec.final_after or FINAL_AFTER


def floor_at(head: int, spec: ChainSpec) -> int:
    """Return the lowest height that is not final while `head` is the newest block."""
    return max(head + 2 - final_after(spec), 0)
