"""The building blocks of every view: styles, headings, and sections of labelled values. Pure.

Every value from others passes through `clean`, and nothing is read as markup: what Orchestra sends must not steer a
terminal. An address or id stays on one line of any length, so that a copied value is whole.
"""

from collections.abc import Iterable

from rich import box
from rich.console import Console, Group
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from baton.cli.views.values import NOTHING, clean

Row = tuple[str, str | None]

LOUD, QUIET = "bold yellow", "dim"
_OUTCOME_STYLES = {"completed": "green", "refunded": "yellow", "cancelled": "yellow"}
_LABEL_WIDTH = 12
_UNLIMITED = 10_000


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


def records(wide: Table) -> Group:
    """Return a table's rows one below the other, for a terminal that is too narrow for it: no value is folded.

    The first column heads each record; what a row has nothing to say about is left out.
    """
    columns = [(str(column.header), list(column.cells)) for column in wide.columns]
    lines: list[Text] = []
    for number in range(wide.row_count):
        (_, first), *rest = [(label, _on_one_line(cells[number])) for label, cells in columns]
        lines += [*([Text("")] if lines else []), Text.assemble(first, style="bold")]
        shown = [(label, value) for label, value in rest if value.plain not in ("", NOTHING)]
        lines += [Text.assemble("  ", (label.ljust(_LABEL_WIDTH), QUIET), " ", value) for label, value in shown]
    return Group(*lines)


def natural_width(view: Table, console: Console) -> int:
    """Return how many columns of a terminal a table takes if no cell is folded."""
    return Measurement.get(console, console.options.update(width=_UNLIMITED, max_width=_UNLIMITED), view).maximum


def _on_one_line(cell: object) -> Text:
    text = cell if isinstance(cell, Text) else Text(str(cell))
    return Text(", ").join(text.split("\n")) if "\n" in text.plain else text


def table(*columns: str) -> Table:
    """Return an empty table that folds long cells instead of cutting them."""
    empty = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in columns:
        empty.add_column(name, overflow="fold")
    return empty
