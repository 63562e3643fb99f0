"""The rows of a batch file: CSV, whose header has the fields of the order document, or one JSON object a line. Pure."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

CSV_ENDING = ".csv"

_WINDOW = "policy.depositWindow"
_WINDOW_DIGITS = 18
_OTHER_MARKS = (";", "\t", "|")


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
        UnreadableBatch: It has no header, a column twice, or quotes that do not match.
    """
    return list(_csv_rows(text) if is_csv else _json_rows(text))


def _json_rows(text: str) -> Iterator[BatchRow]:
    # Not by `splitlines`: a text in JSON may have other separators of lines as they are.
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
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
    lines = _cells_of(text)
    _, header = next(lines, (1, []))
    header = [name.strip() for name in header]
    _check_header(header)
    for line, cells in lines:
        if any(cell.strip() for cell in cells):
            yield _csv_row(line, header, cells)


def _cells_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row, with the line on which it begins.

    Quotes must match: one that is never closed would make a single cell of all the rows that follow.
    """
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    first = 1
    try:
        for cells in table:
            yield first, cells
            first = table.line_num + 1
    except csv.Error as error:
        remedy = "quote whole cells, double a quote within one, and save the file again"
        raise UnreadableBatch(f"the row that begins on line {first} cannot be read: {error}; {remedy}") from None


def _check_header(header: list[str]) -> None:
    if not any(header):
        raise UnreadableBatch("the first line has no columns; write the names of the order document's fields there")
    if len(header) == 1 and (other := next((mark for mark in _OTHER_MARKS if mark in header[0]), None)):
        raise UnreadableBatch(f"the first line separates its columns by {other!r}; separate all cells by commas")
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise UnreadableBatch(f"the first line names {', '.join(twice)} twice; name each column once")


def _csv_row(line: int, header: list[str], cells: list[str]) -> BatchRow:
    if len(cells) > len(header):
        return BatchRow(line, {}, f"has {len(cells)} cells, and the first line {len(header)}; quote cells with commas")
    filled = [(name, cell.strip()) for name, cell in zip(header, cells, strict=False) if cell.strip()]
    content: dict[str, Any] = {}
    for name, cell in filled:
        if not name:
            return BatchRow(line, {}, f"the column of {cell[:40]!r} has no name; name it in the first line")
        if not _put(content, name.split("."), _value(name, cell)):
            return BatchRow(line, {}, f"{name}: another column fills a part of it; name the parts alone")
    return BatchRow(line, content)


def _value(name: str, cell: str) -> Any:
    is_window = name == _WINDOW and cell.isascii() and cell.isdigit() and len(cell) <= _WINDOW_DIGITS
    return int(cell) if is_window else cell


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
