"""The table of documented cases in docs/lifecycle.md names tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.end_to_end.edge_table import PAGE
from tests.paths import ROOT
from tests.source_trees import tree_of_file

TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
HEADING = re.compile(r"\*\*[^*]+\*\*$")


def cases(page: str) -> list[list[str]]:
    """Return the cells of each row between the markers, without the header and headings."""
    _, _, rest = page.partition("<!-- cases -->\n")
    table, closed, _ = rest.partition("\n<!-- end of cases -->")
    assert closed, "docs/lifecycle.md needs the lines <!-- cases --> and <!-- end of cases -->"
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]
    return [row for row in rows if not HEADING.match(row[0])]


def complaint(row: list[str]) -> str:
    """Return what is wrong with a row; empty if it names tests and all of them exist."""
    if len(row) != 3 or not all(row):
        return f"a case has three cells, none of them empty: {' | '.join(row)}"
    named = TEST.findall(row[2])
    if not named:
        return f"{row[0]}: name its test as `tests/.../test_file.py::test_name`"
    missing = [f"{file}::{name}" for file, name in named if name not in named_in(ROOT / file)]
    return f"{row[0]}: there is no test {', '.join(missing)}; name the one that proves the case" if missing else ""


@cache
def named_in(file: Path) -> frozenset[str]:
    """Return the names of a file's test functions; none if the file does not exist."""
    if not file.is_file():
        return frozenset()
    body = tree_of_file(file).body
    return frozenset(node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


CASES = cases(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", CASES, ids=lambda row: row[0].split(",")[0])
def test_a_documented_case_names_a_test_that_exists(row: list[str]) -> None:
    report = complaint(row)

    assert not report, report


def test_each_kind_of_case_is_there() -> None:
    headings = re.findall(r"^\| \*\*(.+?)\*\*", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert {"Refunds", "ZeroConf offers", "Late money"} <= set(headings)
    assert len({row[0] for row in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("test", "report"),
    [
        (
            "`tests/end_to_end/test_waiting.py::test_nothing`",
            "there is no test tests/end_to_end/test_waiting.py::test_no",
        ),
        ("`tests/end_to_end/test_gone.py::test_nothing`", "there is no test tests/end_to_end/test_gone.py::test_no"),
        ("somewhere", "name its test"),
        ("", "three cells"),
    ],
)
def test_a_case_whose_test_does_not_exist_is_reported(test: str, report: str) -> None:
    assert report in complaint(["late", "waits", test])
