"""Fields of JSON bodies, validated; a refusal names the field."""

from collections.abc import Mapping
from typing import Any

from baton.local.sandbox.errors import invalid

Body = Mapping[str, Any]


def text(body: Body, name: str) -> str:
    """Return a required string field.

    Raises:
        ApiError: `invalid_request`, naming the field.
    """
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"{name} is required and must be a string")
    return value


def optional_text(body: Body, name: str) -> str | None:
    """Return an optional string field; JSON null counts as absent.

    Raises:
        ApiError: `invalid_request`, naming the field.
    """
    return None if body.get(name) is None else text(body, name)


def whole(value: Any, name: str, low: int, high: int) -> int:
    """Return a whole number within bounds.

    Raises:
        ApiError: `invalid_request`, naming the field.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise invalid(f"{name} must be a whole number from {low} to {high}")
    return value
