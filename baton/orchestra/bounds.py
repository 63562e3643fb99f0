"""How much of a foreign record is kept: what signals, search attributes, results and states can carry. Pure.

Temporal refuses a payload above 2 MB and a search attribute above 2 kB, and an order keeps its record for life. So a
record is cut where it enters, and says what was cut.
"""

import json
from typing import Any, NamedTuple

from baton.orchestra.models import OrderRecord

MAX_STATUS = 100
"""Longest status, in characters; it becomes a search attribute."""

MAX_TEXT = 500
"""Longest text field, in characters."""

MAX_DOCUMENT = 16_000
"""Largest sub-object, in bytes of JSON."""

MAX_DOCUMENTS = 64_000
"""All sub-objects of one record together, in bytes of JSON."""

_JSON = json.JSONEncoder(default=str)


class BoundedRecord(NamedTuple):
    """A record within the bounds, and the names of the fields that were cut."""

    record: OrderRecord
    cut: list[str]


def bounded(record: OrderRecord) -> BoundedRecord:
    """Return the record with long texts cut and large sub-objects left out."""
    changes: dict[str, Any] = {}
    room = MAX_DOCUMENTS
    for name, value in vars(record).items():
        kind = type(value)
        if kind is str:
            if len(value) > MAX_STATUS and len(value) > _longest(name):
                changes[name] = value[: _longest(name)]
        elif kind is dict or kind is list:
            size = _size(value)
            if size > min(MAX_DOCUMENT, room):
                changes[name] = None
            else:
                room -= size
    return BoundedRecord(record.model_copy(update=changes) if changes else record, sorted(changes))


def without_documents(record: OrderRecord) -> OrderRecord:
    """Return the record without its sub-objects."""
    names = [name for name in OrderRecord.model_fields if isinstance(getattr(record, name), dict | list)]
    return record.model_copy(update=dict.fromkeys(names))


def _longest(name: str) -> int:
    return MAX_STATUS if name == "status" else MAX_TEXT


def _size(value: Any) -> int:
    plain = [entry.model_dump(mode="json") if hasattr(entry, "model_dump") else entry for entry in value]
    return len(_JSON.encode(value if isinstance(value, dict) else plain))
