"""Holds what a command prints with `--json` against the command's schema."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import jsonschema_rs

from baton.cli.json_schemas import PRINTED, schema_of


def check_printed(arguments: Sequence[str], out: str) -> None:
    """Check every line that a command printed.

    Raises:
        AssertionError: A line is no document of the command, or has a field that the schema does not describe.
    """
    for line in out.splitlines():
        document = json.loads(line)
        names = _commands(arguments)
        errors = {name: [_words(error) for error in _validator(name).iter_errors(document)] for name in names}
        assert not names or any(not found for found in errors.values()), (errors, line)


def _commands(arguments: Sequence[str]) -> list[str]:
    """Return the commands whose documents may be printed; none for what only says why the usage is wrong."""
    words = " ".join(arguments[:2])
    command = next((name for name in (words, words.partition(" ")[0]) if name in PRINTED), None)
    if command is None:
        return []
    return [command, "watch"] if command == "start" else [command]


@cache
def _validator(command: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(closed(schema_of(command)))


def closed(schema: Any) -> Any:
    """Return a schema in which no object has other fields than those described."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: closed(part) for name, part in schema.items()}
    described = isinstance(parts.get("properties"), dict)
    return {"additionalProperties": False, **parts} if described and parts.get("type") == "object" else parts


def _words(error: Any) -> str:
    return f"{'/'.join(map(str, error.instance_path))}: {error.message}"[:300]
