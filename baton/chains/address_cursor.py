"""The cursor of chains that are read address by address (Solana, Spark): a position for each address, as text. Pure.

An address without history has no position and takes no space, so thousands of unpaid addresses cost nothing.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

_VERSION = 1
_POSITIONS = "marks"
"""Name of the field in the text; stored cursors have it."""
_SKIPPED = "skipped"
_SKIPPED_SHAPE = TypeAdapter(dict[str, tuple[str, ...]])


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


def read_skipped(text: str | None) -> dict[str, tuple[str, ...]]:
    """Return by address the transactions below its position that could not be read yet; none if the text has none."""
    try:
        return _SKIPPED_SHAPE.validate_python(json.loads(text or "null").get(_SKIPPED, {}))
    except (ValueError, AttributeError):
        return {}


def write_positions(positions: Mapping[str, Any], skipped: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    """Return positions as text, and the transactions to try again, both without empty ones."""
    document = {"v": _VERSION, _POSITIONS: _nonempty(positions)}
    if any(skipped.values()):
        document[_SKIPPED] = _nonempty(skipped)
    return json.dumps(document, separators=(",", ":"))


def _nonempty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {address: value for address, value in sorted(values.items()) if value}
