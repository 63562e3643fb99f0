"""How far Bitcoin was read, as text that both kinds of reader understand. Pure.

A reader drops the fields that only the other kind uses: that costs calls once and loses nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class ListedOutputs(NamedTuple):
    """Which addresses a bitcoind reader has reported in full: those of its scans up to this number."""

    reader: str
    scan_number: int


class Busy(NamedTuple):
    """An address with more than one page of history: everything below `floor` since that time was reported."""

    floor: int
    since: int
    """Seconds since 1970."""


class BitcoinCursor(BaseModel):
    """How far Bitcoin was read.

    Attributes:
        floor: Lowest height that was not final; below it nothing can change.
        busy: Esplora: see `Busy`. An address with one page of history is read in full each time and needs no entry.
        listed: bitcoind: see `ListedOutputs`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    floor: int = Field(ge=0)
    busy: Mapping[str, Busy] = {}
    listed: ListedOutputs | None = None


def read_cursor(text: str | None) -> BitcoinCursor | None:
    """Return the cursor; None for no text or unreadable text: then everything is read again."""
    try:
        return BitcoinCursor.model_validate_json(text) if text else None
    except ValidationError:
        return None


def write_cursor(cursor: BitcoinCursor) -> str:
    """Return the cursor as text."""
    return cursor.model_dump_json(exclude_defaults=True)
