"""The rows of a batch for people: what is wrong with them, and what became of them. Pure."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, table
from baton.cli.views.values import NOTHING, clean

if TYPE_CHECKING:
    from baton.batch.check import RowFault
    from baton.batch.runner import RowResult


def fault_lines(faults: Iterable["RowFault"]) -> Text:
    """Return what is wrong, each fault on a line of its own that begins with the row's line."""
    return Text("\n").join(
        Text.assemble((f"line {fault.line}: ", LOUD), clean(f"{fault.message}; {fault.remedy}")) for fault in faults
    )


def results_of_rows(results: Iterable["RowResult"]) -> RenderableType:
    """Return a table of the rows that have no order."""
    lines = table("line", "reference", "result", "why", "what to do")
    for row in results:
        state = Text(row.state.replace("_", " "), style=LOUD)
        lines.add_row(str(row.line), *_texts(row.reference), state, *_texts(row.message, row.remedy))
    return lines


def _texts(*values: str | None) -> list[Text]:
    return [Text(clean(value or NOTHING)) for value in values]
