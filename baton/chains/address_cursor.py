"""The cursor of chains that are read address by address (Solana, Spark): a position for each address, as text. Pure.

An address without history has no position and takes no space, so thousands of unpaid addresses cost nothing.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

_VERSION = 1
_POSITIONS = "marks"
"""Name of the field in the text; stored cursors have it."""


def read_positions(text: str | None, shape: TypeAdapter[dict[str, T]]) -> dict[str, T]:
    """Return the positions by address.

    Text that cannot be read counts as no positions: that costs calls but loses nothing, since deposits are reported
    again.
    """
    try:
        document = json.loads(text or "null")
        return shape.validate_python(document[_POSITIONS]) if document["v"] == _VERSION else {}
    except (ValueError, TypeError, KeyError):
        return {}


def write_positions(positions: Mapping[str, Any]) -> str:
    """Return positions as text, without the empty ones."""
    nonempty = {address: position for address, position in sorted(positions.items()) if position}
    return json.dumps({"v": _VERSION, _POSITIONS: nonempty}, separators=(",", ":"))
