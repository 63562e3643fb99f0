"""The architecture page names files that exist, and answers each question within three of them."""

import re

import pytest

from tests.paths import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PATH = re.compile(r"`((?:\.?[\w-]+/)*[\w-]+(?:\.\w+)?/?)`")


def paths(text: str) -> list[str]:
    """Return what stands in backquotes and looks like a file or folder of the repository."""
    return [name for name in PATH.findall(text) if "/" in name or name.endswith((".py", ".toml"))]


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    lines = [line for line in section(title).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


@pytest.mark.parametrize("name", sorted({name for name in paths(PAGE) if name != "rules/" and name != "steps/"}))
def test_every_path_on_the_page_exists(name: str) -> None:
    beside = [ROOT / name, ROOT / "workflows" / name, ROOT / "baton" / "chains" / name]

    assert any(path.exists() for path in beside)


@pytest.mark.parametrize("row", rows("Where a rule is"), ids=lambda row: row[0])
def test_a_rule_is_found_within_three_files(row: list[str]) -> None:
    assert 1 <= len(paths(row[1])) <= 3


@pytest.mark.parametrize("way", ["webhook", "deposit", "read", "order document"])
def test_each_way_is_a_list_of_files(way: str) -> None:
    steps = re.split(r"^\d+\. ", section(f"The way of one {way}"), flags=re.MULTILINE)[1:]

    assert len(steps) >= 5
    assert len({path for step in steps for path in paths(step)}) >= 4
