"""What commands print: results on stdout, as text or JSON; errors and notes for people on stderr."""

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from baton.orders.answers import Standing

_PIPE_WIDTH = 240


def console() -> Console:
    """Return the console on stdout."""
    return Console(highlight=False, markup=False, emoji=False)


def error_console() -> Console:
    """Return the console on stderr, for errors and notes."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON object on one line and flush it."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def print_text(view: RenderableType) -> None:
    """Print for people. The terminal wraps long values, so that a copied value is whole."""
    console().print(view, soft_wrap=True)


def print_table(view: RenderableType) -> None:
    """Print a table for people: as records if the terminal is too narrow; into a pipe as wide as it needs to be."""
    from baton.cli.views.layout import natural_width, records

    output = console()
    if not output.is_terminal:
        output.width = _PIPE_WIDTH
    if isinstance(view, Table) and natural_width(view, output) > output.width:
        output.print(records(view), soft_wrap=True)
    else:
        output.print(view)


def print_note(text: str) -> None:
    """Print a note on stderr."""
    error_console().print(Text(text, style="dim"), soft_wrap=True)


def print_failure(code: str, message: str, details: Mapping[str, str], *, as_json: bool) -> None:
    """Print why a command failed: one sentence on stderr, or an object on stdout."""
    if as_json:
        print_json({"error": {"code": code, "message": message, **details}})
    else:
        error_console().print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)


def print_standing(reference: str, account: str, standing: "Standing", *, as_json: bool) -> None:
    """Print where an order stands, as the answer to a command about it."""
    from baton.cli.views.placement import standing_view

    if as_json:
        print_json({"reference": reference, "account": account, **standing.model_dump(mode="json")})
    else:
        print_text(standing_view(reference, account, standing))
