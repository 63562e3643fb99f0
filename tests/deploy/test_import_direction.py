"""The import rules cover every package, and no files import each other in a circle."""

import ast
import configparser
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.source_trees import tree_of_file

PACKAGES = ("activities", "baton", "workflows")
MODULES = ("starter", "worker")


def imported(file: Path) -> Iterator[str]:
    """Yield the modules that a file imports anywhere, except those for the type checker only."""
    for node in ast.walk(_without_typing(tree_of_file(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _without_typing(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    return tree


def files() -> dict[str, Path]:
    """Return every module of the project with its file."""
    paths = [ROOT / f"{name}.py" for name in MODULES]
    paths += [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in paths}


def test_every_package_is_under_the_import_rules() -> None:
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter")
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench", "examples"}
    assert set(rules["importlinter"]["root_packages"].split()) == packages == set(PACKAGES)


def test_no_files_import_each_other_in_a_circle() -> None:
    modules = files()
    graph = {
        name: {other for other in imported(file) if other in modules and other != name}
        for name, file in modules.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("worker", {"baton.local", "baton.cli", "baton.gateway", "baton.client", "starter"}),
        ("starter", {"baton.local", "baton.gateway", "worker", "activities", "workflows"}),
    ],
)
def test_the_top_modules_import_only_what_they_may(module: str, forbidden: set[str]) -> None:
    names = set(imported(ROOT / f"{module}.py"))
    assert not {name for name in names for other in forbidden if name == other or name.startswith(f"{other}.")}
