"""The building blocks of every view: styles, headings, and sections of labelled values. Pure.

Every value from others passes through `clean`, and nothing is read as markup: what Orchestra sends must not steer a
terminal. An address or id stays on one line of any length, so that a copied value is whole.
"""

from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text

from baton.cli.views.values import clean

Row = tuple[str, str | None]

LOUD, QUIET = "bold yellow", "dim"
_OUTCOME_STYLES = {"completed": "green", "refunded": "yellow", "cancelled": "yellow"}
_LABEL_WIDTH = 12


def style_of(outcome: str | None) -> str:
    """Return the style for an order's outcome, or for an open order."""
    return _OUTCOME_STYLES.get(outcome, "red") if outcome else "cyan"


def heading(title: str, state: str, style: str) -> Text:
    """Return the first line of a view."""
    return Text.assemble((clean(title), "bold"), "  ", (clean(state), style))


def section(title: str, rows: Iterable[Row], style: str = "bold") -> list[Text]:
    """Return a titled section of the rows that have a value; nothing if none has."""
    lines = [labelled(label, value) for label, value in rows if value]
    return [Text(""), Text(title, style=style), *lines] if lines else []


def labelled(label: str, value: str) -> Text:
    """Return one labelled value."""
    return Text.assemble("  ", (clean(label).ljust(_LABEL_WIDTH), QUIET), " ", clean(value))


def table(*columns: str) -> Table:
    """Return an empty table that folds long cells instead of cutting them."""
    empty = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in columns:
        empty.add_column(name, overflow="fold")
    return empty
