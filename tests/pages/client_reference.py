"""Writes docs/client-reference.md out of the docstrings of the public names.

python -m tests.pages.client_reference            show whether the page is current; exit 1 if it is not
python -m tests.pages.client_reference --write    write it
"""

import argparse
import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import baton
from baton.client import BatonClient
from tests.pages.docstrings import DocumentedMember, attribute_texts, read_docstring
from tests.paths import ROOT
from tests.source_trees import tree_of

PAGE = ROOT / "docs" / "client-reference.md"
LONGEST = 100
"""Characters of a signature that stands on one line."""

REMEDY = "python -m tests.pages.client_reference --write"
HEAD = """\
# Client reference

Every public name of `baton`, out of its docstring. `BlockingBatonClient` has the methods of `BatonClient` without
`async`. [client.md](client.md) explains how the parts go together; this page is written by `make docs`.
"""
_ERRORS = "Errors"
_MODELS = "Documents, answers and values"


def page() -> str:
    """Return the page as the code has it now."""
    parts = [HEAD, *_client(), f"## {_ERRORS}\n", *_classes(_is_error), f"## {_MODELS}\n", *_classes(_is_model)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def methods() -> list[tuple[str, Any]]:
    """Return the client's public methods, its own first, then those of each of its parts."""
    found: dict[str, Any] = {}
    for kind in BatonClient.__mro__[:-1]:
        for name in vars(kind):
            if not name.startswith("_") and name not in found:
                found[name] = inspect.unwrap(getattr(BatonClient, name))
    return list(found.items())


def _client() -> Iterator[str]:
    yield "## BatonClient\n"
    yield from _text(read_docstring(BatonClient.__doc__))
    for name, method in methods():
        yield f"### {name}\n"
        yield f"```python\n{_heading(method)}\n```\n"
        yield from _text(read_docstring(method.__doc__))


def _heading(method: Any) -> str:
    """Return the method's signature as the code spells it, one parameter to a line where it is long."""
    node = tree_of(textwrap.dedent(inspect.getsource(method))).body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    node.decorator_list, node.body = [], []
    node.args.args = [each for each in node.args.args if each.arg not in ("self", "cls")]
    line = ast.unparse(_Unquoted().visit(node)).strip().removesuffix(":")
    if len(line) <= LONGEST:
        return line
    opening, _, rest = line.partition("(")
    arguments, _, result = rest.rpartition(")")
    return f"{opening}(\n    {_split(arguments)},\n){result}"


class _Unquoted(ast.NodeTransformer):
    """Writes annotations without the quotes that put off their evaluation."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = _without_quotes(node.annotation)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = _without_quotes(node.returns)
        return self.generic_visit(node)


def _without_quotes(annotation: ast.expr | None) -> ast.expr | None:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.parse(annotation.value, mode="eval").body
    return annotation


def _split(arguments: str) -> str:
    """Return the arguments, one to a line; a comma within brackets separates none."""
    depth, lines, start = 0, [], 0
    for at, character in enumerate(arguments):
        depth += (character in "[(") - (character in "])")
        if character == "," and depth == 0:
            lines.append(arguments[start:at].strip())
            start = at + 1
    return ",\n    ".join([*lines, arguments[start:].strip()])


def _classes(wanted: Any) -> Iterator[str]:
    for name in baton.__all__:
        value = getattr(baton, name)
        if inspect.isclass(value) and wanted(value):
            yield f"### {name}\n"
            documented = read_docstring(value.__doc__)
            listed = "Attributes" if _is_model(value) else "Args"
            documented.sections.pop(listed, None)
            yield from _text(documented)
            yield from _fields(value)


def _is_error(value: type) -> bool:
    return issubclass(value, baton.BatonError)


def _is_model(value: type) -> bool:
    return not _is_error(value) and not value.__name__.endswith("Client")


def _fields(value: type) -> Iterator[str]:
    texts = attribute_texts(value) | dict(read_docstring(value.__doc__).sections.get("Attributes", []))
    if issubclass(value, Enum):
        yield from (f"- `{each.value}`{_after(texts.get(each.name))}" for each in value)
    else:
        yield from (f"- `{name}`: `{kind}`{_after(texts.get(name))}" for name, kind in _annotations(value))
    yield ""


def _annotations(value: type) -> Iterator[tuple[str, str]]:
    """Yield the public fields of a model or a data class with their types."""
    fields = getattr(value, "model_fields", None) or getattr(value, "__dataclass_fields__", {})
    kinds = get_type_hints(value, vars(sys.modules[value.__module__])) if fields else {}
    yield from ((name, spelled(kinds[name])) for name in fields)


def spelled(kind: Any) -> str:
    """Return a type in the words of the page."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is NoneType:
        return "None"
    if origin in (Union, UnionType):
        return " or ".join(spelled(each) for each in arguments)
    if origin is Literal:
        return " or ".join(repr(each) for each in arguments)
    if origin is not None:
        return f"{origin.__name__}[{', '.join(spelled(each) for each in arguments)}]"
    return str(getattr(kind, "__name__", kind))


def _after(text: str | None) -> str:
    return f": {text}" if text else ""


def _text(documented: DocumentedMember) -> Iterator[str]:
    yield f"{documented.text}\n"
    for title, entries in documented.sections.items():
        yield f"{title}:\n"
        yield from (f"- `{name}`: {text}" for name, text in entries)
        yield ""


def main() -> int:
    """Compare the page with the code, or write it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.pages.client_reference", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the page")
    if parser.parse_args().write:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
    sys.stdout.write(f"{'The page agrees with the code.' if current else f'The page is old; run {REMEDY}'}\n")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
