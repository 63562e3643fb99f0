"""Rules of the code base that a program can check; CONTRIBUTING has the others."""

import ast
import itertools
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.source_trees import tree_of, tree_of_file

FOLDERS = ("activities", "baton", "bench", "examples", "tests", "workflows")
FILES = sorted(
    file
    for file in (*ROOT.glob("*.py"), *(found for folder in FOLDERS for found in (ROOT / folder).rglob("*.py")))
    if "__pycache__" not in file.parts
)
PRODUCTION = [file for file in FILES if file.relative_to(ROOT).parts[0] not in ("bench", "tests")]
MOST_LINES = 350
LONGEST_TEST_NAME = 70
ENDINGS = re.compile(r"(ing|ers|er|es|s)$")


def trees(files: list[Path]) -> dict[Path, ast.Module]:
    return {file.relative_to(ROOT): tree_of_file(file) for file in files}


def test_no_class_name_is_used_twice() -> None:
    places = defaultdict(list)
    for file, tree in trees(PRODUCTION).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(file))

    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_no_two_modules_of_a_folder_differ_by_an_ending_alone() -> None:
    folders = defaultdict(list)
    for file in PRODUCTION:
        folders[file.parent].append(file.stem)
    pairs = [pair for stems in folders.values() for pair in itertools.combinations(sorted(stems), 2)]

    assert [pair for pair in pairs if ENDINGS.sub("", pair[0]) == ENDINGS.sub("", pair[1])] == []


@pytest.mark.parametrize("file", PRODUCTION, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_is_short_and_says_what_it_is_for(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert text.count("\n") <= MOST_LINES
    assert ast.get_docstring(tree_of(text))


def test_the_name_of_a_test_fits_on_a_line() -> None:
    tests = [
        node.name
        for tree in trees([file for file in FILES if file.name.startswith("test_")]).values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]

    assert [name for name in tests if len(name) > LONGEST_TEST_NAME] == []
