"""Reads docstrings of the project's style: a text, then sections such as Args and Raises."""

import ast
import inspect
import re
import textwrap
from dataclasses import dataclass, field

from tests.source_trees import tree_of

_SECTION = re.compile(r"^(Args|Raises|Returns|Yields|Attributes):$", re.MULTILINE)
_ENTRY = re.compile(r"^(\w[\w.]*): (.*(?:\n +.*)*)", re.MULTILINE)


@dataclass
class DocumentedMember:
    """A docstring in parts.

    Attributes:
        text: What stands before the sections.
        sections: The entries of each section, as name and text.
    """

    text: str
    sections: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def read_docstring(docstring: str | None) -> DocumentedMember:
    """Return a docstring in parts; lines that belong together are joined."""
    text, *rest = _SECTION.split(inspect.cleandoc(docstring or ""))
    sections = {title: _entries(body) for title, body in zip(rest[::2], rest[1::2], strict=True)}
    return DocumentedMember("\n\n".join(_joined(part) for part in text.strip().split("\n\n")), sections)


def _entries(body: str) -> list[tuple[str, str]]:
    return [(name, _joined(text)) for name, text in _ENTRY.findall(textwrap.dedent(body).strip())]


def _joined(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines())


def attribute_texts(value: type) -> dict[str, str]:
    """Return the text below each attribute of a class and of the project's classes that it builds on."""
    texts: dict[str, str] = {}
    for base in reversed(value.__mro__):
        if base.__module__.startswith("baton"):
            texts |= _own_texts(base)
    return texts


def _own_texts(value: type) -> dict[str, str]:
    body = tree_of(textwrap.dedent(inspect.getsource(value))).body[0]
    assert isinstance(body, ast.ClassDef)
    pairs = zip(body.body, body.body[1:], strict=False)
    return {name: _joined(text) for first, second in pairs if (name := _target(first)) and (text := _string(second))}


def _target(node: ast.stmt) -> str | None:
    target = (
        node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
    )
    return target.id if isinstance(target, ast.Name) else None


def _string(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return None
