"""Reads from the source which Temporal commands the workflow code makes, and in which order.

For each function, the calls that make commands are listed in source order: calls of the SDK, and calls of our own
functions that make commands. What leaves no trace in a history is not listed: timeouts, summaries, current details,
queries.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.paths import ROOT
from tests.source_trees import tree_of_file

WORKFLOWS = ROOT / "workflows"

Fingerprint = dict[str, list[str]]
"""The command calls of each function (`module.Class.name`)."""

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
"""Calls whose first argument is recorded in the history, and so belongs to the fingerprint."""

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
"""Calls that make a command, or that decide the order of commands."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class _SourceFunction(NamedTuple):
    """A function of the workflow code."""

    name: str
    is_method: bool
    calls: list[ast.Call]

    @property
    def spellings(self) -> set[str]:
        """The forms in which a call can name it, without the part before the last dot."""
        bare = self.name.rpartition(".")[2]
        return {f".{bare}"} if self.is_method else {f".{bare}", bare}


def read(folder: Path = WORKFLOWS) -> Fingerprint:
    """Return the fingerprint: every function of the workflow code that makes commands."""
    functions = [function for file in sorted(folder.glob("**/*.py")) for function in _functions(file, folder)]
    commands = _command_spellings(functions)
    lines = {
        function.name: [_line(call) for call in function.calls if _spelling(call) in commands] for function in functions
    }
    return {name: lines[name] for name in sorted(lines) if lines[name]}


def _command_spellings(functions: list[_SourceFunction]) -> frozenset[str]:
    """Return the spellings of calls that make commands, directly or through other functions.

    Calls are distinguished by their last name only: a false match adds a line, but a missing one would hide a change.
    """
    spellings = frozenset({spelling for name in COMMANDS for spelling in (name, f".{name}")})
    while True:
        callers = [function for function in functions if any(_spelling(call) in spellings for call in function.calls)]
        more = spellings.union(*(function.spellings for function in callers))
        if more == spellings:
            return spellings
        spellings = more


def _functions(file: Path, folder: Path) -> Iterator[_SourceFunction]:
    module = ".".join(file.relative_to(folder).with_suffix("").parts)
    yield from _inside(tree_of_file(file), module)


def _inside(node: ast.AST, prefix: str) -> Iterator[_SourceFunction]:
    for child in ast.iter_child_nodes(node):
        name = f"{prefix}.{child.name}" if isinstance(child, ast.ClassDef | _Function) else prefix
        if isinstance(child, _Function):
            yield _SourceFunction(name, isinstance(node, ast.ClassDef), _calls(child))
        yield from _inside(child, name)


def _calls(function: _Function) -> list[ast.Call]:
    """Return the calls of a function in source order, without those of nested functions."""
    calls = [node for part in function.body for node in _own(part) if isinstance(node, ast.Call)]
    return sorted(calls, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))


def _own(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, _Function | ast.ClassDef):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _own(child)


def _spelling(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return f".{call.func.attr}"
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _line(call: ast.Call) -> str:
    name = ast.unparse(call.func)
    if _spelling(call).removeprefix(".") not in NAMED or not call.args:
        return name
    first = call.args[0]
    return f"{name}({ast.unparse(first.func if isinstance(first, ast.Call) else first)})"
