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
        return [_phrase("kind", placed.kind, requested.kind)]
    before, after = dict(_fields(placed)), dict(_fields(requested))
    names = [*before, *(name for name in after if name not in before)]
    return [_phrase(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def _fields(order: PlaceOrder) -> Iterator[tuple[str, Any]]:
    """Yield the fields as the order document has them: those of the request at the top, the others below their part."""
    yield from _flat("", order.request.model_dump(mode="json", exclude_none=True))
    yield from _flat("policy.", order.policy.model_dump(mode="json", exclude_none=True))
    yield from _flat("", {"payer": order.payer.id, "payer_region": order.payer.region} if order.payer else {})


def _flat(prefix: str, fields: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        path = f"{prefix}{to_camel(name)}"
        if isinstance(value, dict):
            yield from _flat(f"{path}.", value)
        else:
            yield path, value


def _phrase(name: str, placed: Any, requested: Any) -> str:
    return f"{name}: {_shown(placed)} placed, {_shown(requested)} requested"


def _shown(value: Any) -> str:
    if value is None:
        return _ABSENT
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
