"""Reads JSON from outside: a strict parser, and complaints that name the field but never repeat its value."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

_COMPLAINTS = {
    "missing": "is missing",
    "string_type": "must be a string",
    "string_too_short": "must not be empty",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}


def parse_json(body: bytes) -> Any:
    """Return the JSON document in `body`; deep nesting, NaN and lone surrogates are refused.

    Raises:
        ValueError: The body is not such a document; the text says where.
    """
    return from_json(body, allow_inf_nan=False)


def complaint(error: ValidationError) -> str:
    """Return the first error as half a sentence, such as `data.id is missing`."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "the body"
    return f"{field} {_COMPLAINTS.get(first['type'], 'has a value that cannot be read')}"
