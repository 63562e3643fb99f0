"""The fields in which two requests under one reference differ, by their names in the order document. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic.alias_generators import to_camel

from baton.orders.place_order import PlaceOrder

_LONGEST = 80
"""Characters of a value that are shown: a Lightning invoice is much longer."""

_ABSENT = "nothing"


def differences(placed: PlaceOrder, requested: PlaceOrder) -> list[str]:
    """Return one phrase for each field that differs, such as `amount: 100 placed, 200 requested`."""
    if placed.kind != requested.kind:
        return [phrase("kind", placed.kind, requested.kind)]
    before, after = dict(_fields(placed)), dict(_fields(requested))
    names = [*before, *(name for name in after if name not in before)]
    return [phrase(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def _fields(order: PlaceOrder) -> Iterator[tuple[str, Any]]:
    """Yield the fields as the order document has them: those of the request at the top, the others below their part."""
    yield from flat_fields("", order.request.model_dump(mode="json", exclude_none=True))
    yield from flat_fields("policy.", order.policy.model_dump(mode="json", exclude_none=True))
    yield from flat_fields("", {"payer": order.payer.id, "payer_region": order.payer.region} if order.payer else {})
    yield from ((f"metadata.{name}", value) for name, value in order.metadata.items())


def flat_fields(prefix: str, fields: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each field with its name in a document, those of a part below that part's name."""
    for name, value in fields.items():
        path = f"{prefix}{to_camel(name)}"
        if isinstance(value, dict):
            yield from flat_fields(f"{path}.", value)
        else:
            yield path, value


def phrase(name: str, before: Any, after: Any, *, placed: str = "placed") -> str:
    """Return the phrase for a field that differs.

    Args:
        name: The field.
        before: Its value in the first request.
        after: Its value in the second.
        placed: What became of the first request.
    """
    return f"{name}: {_shown(before)} {placed}, {_shown(after)} requested"


def _shown(value: Any) -> str:
    if value is None:
        return _ABSENT
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
