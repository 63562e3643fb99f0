"""Where commands print: answers on stdout, as text or as JSON; errors and notes for people on stderr."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

_PIPE_WIDTH = 240


def people() -> Console:
    """Return the console for people."""
    return Console(highlight=False, markup=False, emoji=False)


def aside() -> Console:
    """Return the console for errors and notes."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON object on one line, at once."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def print_text(view: RenderableType) -> None:
    """Print for people. Long values are left to the terminal to wrap, so that copying one gives it whole."""
    people().print(view, soft_wrap=True)


def print_table(view: RenderableType) -> None:
    """Print a table for people; for a pipe it is as wide as it needs to be."""
    console = people()
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    console.print(view)


def print_note(text: str) -> None:
    """Print a note beside the answer."""
    aside().print(Text(text, style="dim"), soft_wrap=True)


def print_failure(code: str, message: str, details: Mapping[str, str], *, as_json: bool) -> None:
    """Print why a command failed: one sentence on stderr, or an object on stdout."""
    if as_json:
        print_json({"error": {"code": code, "message": message, **details}})
    else:
        aside().print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)
