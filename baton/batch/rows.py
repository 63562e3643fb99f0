"""The rows of a batch file: CSV, whose header has the fields of the order document, or one JSON object a line. Pure."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

CSV_ENDING = ".csv"

_WINDOW = "policy.depositWindow"


class BatchRow(NamedTuple):
    """A row with the line on which it begins, counted from 1; `problem` says why it cannot be read."""

    line: int
    content: dict[str, Any]
    problem: str | None = None


class UnreadableBatch(ValueError):
    """The file as a whole cannot be read; the text says why and what to do."""


def read_rows(text: str, *, is_csv: bool) -> list[BatchRow]:
    """Return the rows of a batch file; empty lines are left out.

    Raises:
        UnreadableBatch: It has no header, or a column twice.
    """
    return list(_csv_rows(text) if is_csv else _json_rows(text))


def _json_rows(text: str) -> Iterator[BatchRow]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            content = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield BatchRow(number, {}, f"is not JSON: {error}; write one JSON object a line")
            continue
        if isinstance(content, dict):
            yield BatchRow(number, content)
        else:
            yield BatchRow(number, {}, "is no JSON object; write the fields of one order between { and }")


def _csv_rows(text: str) -> Iterator[BatchRow]:
    table = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip() for name in next(table, [])]
    if not any(header):
        raise UnreadableBatch("the first line has no columns; write the names of the order document's fields there")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise UnreadableBatch(f"the first line names {', '.join(twice)} twice; name each column once")
    first = table.line_num + 1
    for cells in table:
        line, first = first, table.line_num + 1
        if any(cell.strip() for cell in cells):
            yield _csv_row(line, header, cells)


def _csv_row(line: int, header: list[str], cells: list[str]) -> BatchRow:
    if len(cells) > len(header):
        return BatchRow(line, {}, f"has {len(cells)} cells, and the first line {len(header)}; quote cells with commas")
    filled = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name and cell.strip()}
    content: dict[str, Any] = {}
    for name, cell in filled.items():
        whole: Any = int(cell) if name == _WINDOW and cell.isascii() and cell.isdigit() else cell
        if not _put(content, name.split("."), whole):
            return BatchRow(line, {}, f"{name}: another column fills a part of it; name the parts alone")
    return BatchRow(line, content)


def _put(content: dict[str, Any], path: list[str], value: Any) -> bool:
    """Put a value where the dots of a column's name lead; return False if another value is in the way.

    Names in the metadata may have dots of their own.
    """
    if path[0] == "metadata":
        path = [path[0], ".".join(path[1:])] if len(path) > 1 else path
    for part in path[:-1]:
        content = content.setdefault(part, {})
        if not isinstance(content, dict):
            return False
    if path[-1] in content:
        return False
    content[path[-1]] = value
    return True
