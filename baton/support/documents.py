"""Makes documents fit to be given away: secrets are blanked out, and what is private is left out. Pure."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any

from baton.redaction import redacted

LEFT_OUT = "[left out]"
"""What stands in place of a private value."""

PRIVATE = frozenset({"payer", "payerRegion", "metadata", "payer_page", "note", "by"})
"""Fields that concern the business and its customers alone, wherever they stand."""

_SHORTEST = 3
"""Characters of a private value that is looked for in texts; a shorter one would be found in every id."""

_PAYLOAD = {"metadata", "data"}


def shareable(value: Any) -> Any:
    """Return a JSON document in which nothing is secret or private, with Temporal's payloads in clear."""
    if isinstance(value, Mapping):
        payload = _read_payload(value)
        if payload is not None:
            return shareable(payload)
        return {name: _shareable_field(name, content) for name, content in value.items()}
    if isinstance(value, list):
        return [shareable(entry) for entry in value]
    return redacted(value) if isinstance(value, str) else value


def without(text: str, private: Iterable[str]) -> str:
    """Return a text in which private values are left out, also where JSON has escaped them."""
    values = {form for value in private if len(value) >= _SHORTEST for form in (value, json.dumps(value)[1:-1])}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, LEFT_OUT)
    return text


def _shareable_field(name: str, content: Any) -> Any:
    if name in PRIVATE and content not in (None, {}, []):
        return LEFT_OUT
    return shareable(content)


def _read_payload(value: Mapping[str, Any]) -> Any:
    """Return what a payload of Temporal holds, or None if the object is none; an encrypted one stays closed."""
    if not value.keys() <= _PAYLOAD or "metadata" not in value or not isinstance(value["metadata"], Mapping):
        return None
    encoding = _decoded(value["metadata"].get("encoding"))
    if encoding == "json/plain":
        text = _decoded(value.get("data"))
        return json.loads(text) if text is not None else None
    return {"encoding": encoding or "none", "bytes": len(value.get("data") or "") * 3 // 4}


def _decoded(text: Any) -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode() if isinstance(text, str) else None
    except (binascii.Error, UnicodeDecodeError):
        return None
