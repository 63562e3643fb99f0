"""The codes of all refusals that a caller of the client or of the order API can get, read from the code."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.paths import ROOT
from tests.source_trees import tree_of_file

_FIRST_ARGUMENT = frozenset(
    {
        "AffiliateRefused",
        "BatonError",
        "DamagedPayload",
        "EndpointRefused",
        "Forbidden",
        "HoldRefused",
        "HoldUnknown",
        "InvalidKeys",
        "OrderRefused",
        "OrderUnknown",
        "RegistrationRefused",
        "RelayRefused",
        "SourceRefused",
        "SourceUnknown",
        "TryLater",
        "Unauthenticated",
        "UnknownKey",
        "Unreachable",
    }
)
"""Errors whose first argument is the code."""

_FOLDERS = ("baton", "workflows")
_NOT_FOR_CALLERS = ("cli", "local")


def error_codes() -> set[str]:
    """Return every code that is written in the code, in small letters with underscores."""
    found: set[str] = set()
    for folder in _FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if not set(file.relative_to(ROOT).parts) & set(_NOT_FOR_CALLERS):
                found |= set(_codes_of(file))
    return found


def _codes_of(file: Path) -> Iterator[str]:
    module: Any = None
    for node in ast.walk(tree_of_file(file)):
        if not isinstance(node, ast.Call):
            continue
        value = _code_argument(node)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value
        elif isinstance(value, ast.Name) and value.id.isupper():
            module = module or importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
            yield str(getattr(module, value.id))


def _code_argument(call: ast.Call) -> ast.expr | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in _FIRST_ARGUMENT and call.args:
        return call.args[0]
    if name in ("EdgeError", "MessageRefused") and len(call.args) > 1:
        return call.args[1]
    if name in ("envelope", "_envelope") and len(call.args) > 2:
        return call.args[2]
    if name == "ApplicationError":
        return next((keyword.value for keyword in call.keywords if keyword.arg == "type"), None)
    return None
