"""A cursor of marks, one for each address that has a history, as text. Pure.

Addresses without a mark take no room in it, so that thousands that nobody has paid to yet cost nothing.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

_VERSION = 1


def read_positions(text: str | None, shape: TypeAdapter[dict[str, T]]) -> dict[str, T]:
    """Return the marks by address.

    A text that cannot be read counts as none: that costs calls and loses nothing, as deposits are told again.
    """
    try:
        told = json.loads(text or "null")
        return shape.validate_python(told["marks"]) if told["v"] == _VERSION else {}
    except (ValueError, TypeError, KeyError):
        return {}


def write_positions(marks: Mapping[str, Any]) -> str:
    """Return marks as text, without the empty ones."""
    kept = {address: mark for address, mark in sorted(marks.items()) if mark}
    return json.dumps({"v": _VERSION, "marks": kept}, separators=(",", ":"))
