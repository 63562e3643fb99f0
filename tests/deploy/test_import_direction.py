"""The import rules cover everything that there is, and the two modules that the checker cannot take as roots."""

import ast
import configparser
import tomllib

import pytest

from tests.paths import ROOT

PACKAGED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
    "wheel"
]["only-include"]


def test_every_package_is_under_the_import_rules() -> None:
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter")
    packages = {name for name in PACKAGED if not name.endswith(".py")}
    assert set(rules["importlinter"]["root_packages"].split()) == packages


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [("worker", {"sandbox", "stack", "cli", "gateway"}), ("starter", {"sandbox", "worker", "activities"})],
)
def test_the_top_modules_keep_to_their_side(module: str, forbidden: set[str]) -> None:
    tree = ast.parse((ROOT / f"{module}.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name.partition(".")[0] for name in imported} & forbidden
