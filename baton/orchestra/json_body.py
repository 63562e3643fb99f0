"""Reads JSON from outside: a strict parser, and complaints that name the field but never repeat its value."""

import re
from codecs import BOM_UTF8
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

_SURROGATE = re.compile(
    rb"(?P<other>\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""An escaped surrogate; `other` matches what must stay: an escaped backslash, or a whole pair."""

_COMPLAINTS = {
    "missing": "is missing",
    "string_type": "must be a string",
    "string_too_short": "must not be empty",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}


def parse_json(body: bytes) -> Any:
    """Return the JSON document in `body`; deep nesting and NaN are refused.

    A lone surrogate in a text becomes U+FFFD: half a character in a label must not cost the message.

    Raises:
        ValueError: The body is not such a document; the text says where.
    """
    body = body.removeprefix(BOM_UTF8)
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        if _SURROGATE.search(body) is None:
            raise
        try:
            return from_json(_without_lone_surrogates(body), allow_inf_nan=False)
        except ValueError:
            raise error from None


def _without_lone_surrogates(body: bytes) -> bytes:
    """Return the body with each escaped surrogate that has no partner replaced, and all else as it is."""
    return _SURROGATE.sub(lambda match: match[0] if match["other"] else b"\\ufffd", body)


def complaint(error: ValidationError) -> str:
    """Return the first error as half a sentence, such as `data.id is missing`."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "the body"
    return f"{field} {_COMPLAINTS.get(first['type'], 'has a value that cannot be read')}"
