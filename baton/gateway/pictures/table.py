"""The figures of a picture as a table, for people who cannot see it or want the numbers. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from baton.gateway.pictures.svg import element, words


class FigureTable(NamedTuple):
    """A table: its caption, the names of its columns, and its rows, whose first cell names the row."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def written(table: FigureTable) -> Markup:
    """Return the table as HTML."""
    head = [element("th", words(name), scope="col") for name in table.head]
    rows = [element("tr", *_cells(row)) for row in table.rows]
    return element(
        "table",
        element("caption", words(table.caption)),
        element("thead", element("tr", *head)),
        element("tbody", *rows) if rows else Markup("<tbody></tbody>"),
        class_="figures",
    )


def _cells(row: Sequence[str]) -> list[Markup]:
    name, *values = row
    return [element("th", words(name or "-"), scope="row"), *(element("td", words(value or "-")) for value in values)]
