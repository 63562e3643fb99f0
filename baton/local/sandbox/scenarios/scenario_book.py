"""The scenarios that one sandbox knows: the built-in ones, and those of a file."""

import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from baton.local.sandbox.scenarios import BUILT_IN
from baton.local.sandbox.scenarios.scenario import Scenario


class ScenarioError(Exception):
    """A scenario or its file does not fit; the text names the field."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    default: str | None = None
    scenarios: tuple[Scenario, ...] = ()


class ScenarioBook:
    """The scenarios known to one sandbox, and the one that new quotes get."""

    def __init__(self, scenarios: Sequence[Scenario] = BUILT_IN, default: str = "happy") -> None:
        self._by_name = {scenario.name: scenario for scenario in scenarios}
        self.default = self.get(default)

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Scenario:
        """Return the scenario of that name.

        Raises:
            ScenarioError: There is none; the text lists those there are.
        """
        if name not in self._by_name:
            raise ScenarioError(f"no scenario {name!r}; there are {', '.join(self._by_name)}")
        return self._by_name[name]

    def choose(self, name: str) -> Scenario:
        """Make a scenario the one that new quotes get, and return it."""
        self.default = self.get(name)
        return self.default


def load_scenarios(path: Path) -> ScenarioBook:
    """Read a file of scenarios (`.toml`, otherwise JSON) on top of the built-in ones.

    The file holds `scenarios`, a list, and optionally `default`, a name.

    Raises:
        ScenarioError: The file cannot be read or does not fit; the text names the file and the field.
    """
    try:
        raw = path.read_text(encoding="utf-8")
        document = tomllib.loads(raw) if path.suffix == ".toml" else json.loads(raw)
        file = _File.model_validate(document)
        return ScenarioBook((*BUILT_IN, *file.scenarios), file.default or "happy")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ScenarioError(f"{path}: {field}: {first['msg']}") from None
    except (OSError, ValueError, ScenarioError) as error:
        raise ScenarioError(f"{path}: {error}") from None
