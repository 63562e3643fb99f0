"""The command fingerprint: which calls of the workflows make commands, in the order in which the code makes them.

    python -m tests.replay.fingerprint --write     renew the stored fingerprint

A replay test proves that stored histories still fit; this check tells a reviewer *that* the order of commands changed,
also on a path that no history covers.
"""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORED = Path(__file__).with_name("fingerprint.json")

COMMANDS = frozenset(
    {
        "continue_as_new",
        "create_task",
        "execute_activity",
        "execute_child_workflow",
        "execute_local_activity",
        "patched",
        "signal",
        "sleep",
        "start_activity",
        "start_child_workflow",
        "upsert_memo",
        "upsert_search_attributes",
        "wait_condition",
    }
)
"""Calls that make a command, or that decide when the next one is made."""

Fingerprint = dict[str, list[str]]


def fingerprint() -> Fingerprint:
    """Return the commands of every function under `workflows/` that makes any."""
    found: Fingerprint = {}
    for file in sorted((ROOT / "workflows").glob("*.py")):
        for name, function in _functions(ast.parse(file.read_text(encoding="utf-8"))):
            if calls := _commands(function):
                found[f"{file.stem}.{name}"] = calls
    return found


def stored() -> Fingerprint:
    """Return the fingerprint that the last reviewed change left."""
    return dict(json.loads(STORED.read_text(encoding="utf-8")))


def changes(before: Fingerprint, after: Fingerprint) -> list[str]:
    """Return what changed, a line a function."""
    names = sorted(before.keys() | after.keys())
    return [
        f"{name}: {before.get(name, 'nothing')} became {after.get(name, 'nothing')}"
        for name in names
        if before.get(name) != after.get(name)
    ]


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, _FUNCTIONS))
        elif isinstance(node, _FUNCTIONS):
            yield node.name, node


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _commands(function: ast.AST) -> list[str]:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    return [name for call in calls if (name := _name(call)) in COMMANDS]


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        STORED.write_text(json.dumps(fingerprint(), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(changes(stored(), fingerprint())) or "nothing changed\n")
