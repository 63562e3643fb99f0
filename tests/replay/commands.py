"""Which Temporal commands the workflow code gives, in which order, read from its source without running it.

For each function the calls that give commands are listed as they stand in its text: those of the SDK, and those of our
own functions that give commands in turn. What costs a history nothing is left out: time-outs, summaries, current
details, queries.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.paths import ROOT

WORKFLOWS = ROOT / "workflows"

Fingerprint = dict[str, list[str]]
"""Function (`module.Class.name`) to its command calls."""

TYPED = frozenset(
    {
        "execute_activity",
        "execute_activity_class",
        "execute_activity_method",
        "execute_child_workflow",
        "execute_local_activity",
        "execute_local_activity_class",
        "execute_local_activity_method",
        "start_activity",
        "start_activity_class",
        "start_activity_method",
        "start_child_workflow",
        "start_local_activity",
        "start_local_activity_class",
        "start_local_activity_method",
    }
)
"""Calls whose first argument is recorded in history: it is part of the fingerprint."""

NAMED = TYPED | {"create_task", "deprecate_patch", "patched"}
"""Calls that are listed with their first argument."""

COMMANDS = NAMED | {
    "as_completed",
    "cancel",
    "continue_as_new",
    "gather",
    "get_external_workflow_handle",
    "get_external_workflow_handle_for",
    "signal",
    "sleep",
    "start_operation",
    "execute_operation",
    "timeout",
    "timeout_at",
    "upsert_memo",
    "upsert_search_attributes",
    "wait",
    "wait_condition",
    "wait_for",
    "TaskGroup",
}
"""Calls that give a command, or that decide in which order commands are given."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Code(NamedTuple):
    """One function of the workflow code."""

    name: str
    is_method: bool
    calls: list[ast.Call]

    @property
    def spellings(self) -> set[str]:
        """Return how a call may spell it, without what stands before its last dot."""
        bare = self.name.rpartition(".")[2]
        return {f".{bare}"} if self.is_method else {f".{bare}", bare}


def read(folder: Path = WORKFLOWS) -> Fingerprint:
    """Return the fingerprint of every function of the workflow code that gives commands."""
    code = [one for file in sorted(folder.glob("**/*.py")) for one in _functions(file, folder)]
    giving = _giving(code)
    lines = {one.name: [_line(call) for call in one.calls if _spelled(call) in giving] for one in code}
    return {name: lines[name] for name in sorted(lines) if lines[name]}


def _giving(code: list[_Code]) -> frozenset[str]:
    """Return the spellings of calls that give commands, at first hand or through others.

    Calls are told apart by their last name alone: one too many costs a line, one too few would hide a change.
    """
    giving = frozenset({spelling for name in COMMANDS for spelling in (name, f".{name}")})
    while True:
        callers = [one for one in code if any(_spelled(call) in giving for call in one.calls)]
        more = giving.union(*(one.spellings for one in callers))
        if more == giving:
            return giving
        giving = more


def _functions(file: Path, folder: Path) -> Iterator[_Code]:
    module = ".".join(file.relative_to(folder).with_suffix("").parts)
    yield from _inside(ast.parse(file.read_text(encoding="utf-8")), module)


def _inside(node: ast.AST, prefix: str) -> Iterator[_Code]:
    for child in ast.iter_child_nodes(node):
        name = f"{prefix}.{child.name}" if isinstance(child, ast.ClassDef | _Function) else prefix
        if isinstance(child, _Function):
            yield _Code(name, isinstance(node, ast.ClassDef), _calls(child))
        yield from _inside(child, name)


def _calls(function: _Function) -> list[ast.Call]:
    """Return the calls of a function in the order of its text, without those of functions inside it."""
    found = [node for part in function.body for node in _own(part) if isinstance(node, ast.Call)]
    return sorted(found, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))


def _own(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, _Function | ast.ClassDef):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _own(child)


def _spelled(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return f".{call.func.attr}"
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _line(call: ast.Call) -> str:
    name = ast.unparse(call.func)
    if _spelled(call).removeprefix(".") not in NAMED or not call.args:
        return name
    first = call.args[0]
    return f"{name}({ast.unparse(first.func if isinstance(first, ast.Call) else first)})"
