"""Writes a table of models as CSV, row by row, to a file or to stdout."""

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from baton.cli.errors import USAGE, CommandFailed

if TYPE_CHECKING:
    from pydantic import BaseModel

STDOUT = "-"


class CsvTable:
    """A table with a column for each field of a model; a list shares a cell.

    Args:
        file: Where it is written.
        model: The model of a row.
    """

    def __init__(self, file: TextIO, model: "type[BaseModel]") -> None:
        self._table = csv.DictWriter(file, list(model.model_fields), lineterminator="\n")
        self._table.writeheader()

    def write(self, row: "BaseModel") -> None:
        """Write one row."""
        values = row.model_dump(mode="json")
        self._table.writerow({name: _cell(value) for name, value in values.items()})


def _cell(value: object) -> object:
    return "; ".join(map(str, value)) if isinstance(value, list) else value


def check_writable(option: str, path: Path | None) -> None:
    """Make sure that a table can be written, before something is done whose results it is to have.

    Raises:
        CommandFailed: The file cannot be written.
    """
    if path is None or str(path) == STDOUT:
        return
    try:
        path.open("a").close()
    except OSError as error:
        raise CommandFailed(USAGE, "unwritable", f"{option} {path}: cannot be written: {error.strerror}") from None


@contextmanager
def open_table(option: str, path: Path, model: "type[BaseModel]") -> Iterator[CsvTable]:
    """Open a table for writing.

    Args:
        option: The option that names the file, for errors.
        path: The file; `-` is stdout.
        model: The model of a row.

    Raises:
        CommandFailed: The file cannot be written.
    """
    if str(path) == STDOUT:
        yield CsvTable(sys.stdout, model)
        return
    try:
        file = path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise CommandFailed(USAGE, "unwritable", f"{option} {path}: cannot be written: {error.strerror}") from None
    with file:
        yield CsvTable(file, model)
