"""Every command has JSON output with a schema, help for each option, and prints no object of Python."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click import Command
from typer.main import get_command

from baton.cli.json_schemas import PRINTED, file_name, schema_of, write_schemas
from baton.cli.main import app
from tests.paths import ROOT

SCHEMAS = ROOT / "docs" / "schemas"
OTHER_PROGRAMS = {"sandbox"}
"""Commands that hand over to a program of their own, with its own options."""


def commands_below(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command with its name, also those of groups."""
    for name, inner in getattr(command, "commands", {}).items():
        if hasattr(inner, "commands"):
            yield from commands_below(inner, (*path, name))
        else:
            yield " ".join((*path, name)), inner


COMMANDS = {name: command for name, command in commands_below(get_command(app)) if name not in OTHER_PROGRAMS}
by_command = pytest.mark.parametrize(("name", "command"), COMMANDS.items(), ids=COMMANDS)


@by_command
def test_every_command_prints_json_on_demand(name: str, command: Command) -> None:
    assert any("--json" in parameter.opts for parameter in command.params)


@by_command
def test_every_option_and_argument_has_help(name: str, command: Command) -> None:
    assert command.help
    assert [parameter.name for parameter in command.params if not getattr(parameter, "help", None)] == []


@by_command
def test_every_command_shows_how_it_is_used(name: str, command: Command) -> None:
    assert f"baton {name}" in " ".join((command.help or "").split())


def test_every_command_has_a_schema_and_every_schema_a_command() -> None:
    assert set(PRINTED) == set(COMMANDS)
    assert {file.name for file in SCHEMAS.glob("*.json")} == {file_name(command) for command in PRINTED}


@pytest.mark.parametrize("command", PRINTED)
def test_a_schema_is_as_the_code_prints(command: str) -> None:
    written = json.loads((SCHEMAS / file_name(command)).read_text())

    assert written == schema_of(command), "run `python -m baton.cli.json_schemas docs/schemas`"


def test_the_schemas_are_written_by_one_command(tmp_path: Path) -> None:
    files = write_schemas(tmp_path / "schemas")

    assert {file.name for file in files} == {file.name for file in SCHEMAS.glob("*.json")}
