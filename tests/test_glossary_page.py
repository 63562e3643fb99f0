"""The glossary has each term once, in order, with a meaning."""

from tests.paths import ROOT

PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
TERMS = [row[0] for row in ROWS[1:]]


def test_each_term_is_listed_once_and_in_order() -> None:
    assert sorted(TERMS, key=str.lower) == TERMS
    assert len({term.lower() for term in TERMS}) == len(TERMS) > 50


def test_each_term_has_a_meaning_of_its_own() -> None:
    assert all(len(row) == 2 and len(row[1]) > 10 for row in ROWS[1:])
    assert len({row[1] for row in ROWS}) == len(ROWS)
