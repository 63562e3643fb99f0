"""The scenarios of one sandbox: the built-in ones, and those of a file."""

import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from baton.local.sandbox.scenarios import BUILT_IN
from baton.local.sandbox.scenarios.scenario import Scenario


class ScenarioError(Exception):
    """A scenario is unknown or its file is invalid; the text names the scenario or the field."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    default: str | None = None
    scenarios: tuple[Scenario, ...] = ()


class ScenarioBook:
    """The scenarios of one sandbox, and the default of new quotes."""

    def __init__(self, scenarios: Sequence[Scenario] = BUILT_IN, default: str = "happy") -> None:
        self._by_name = {scenario.name: scenario for scenario in scenarios}
        self.default = self.get(default)

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Scenario:
        """Return the scenario of that name.

        Raises:
            ScenarioError: There is no such scenario; the text lists the existing ones.
        """
        if name not in self._by_name:
            raise ScenarioError(f"no scenario {name!r}; the scenarios are {', '.join(self._by_name)}")
        return self._by_name[name]

    def choose(self, name: str) -> Scenario:
        """Make a scenario the default of new quotes, and return it.

        Raises:
            ScenarioError: There is no such scenario.
        """
        self.default = self.get(name)
        return self.default


def load_scenarios(path: Path) -> ScenarioBook:
    """Return the built-in scenarios and those of a file (`.toml`, otherwise JSON).

    The file holds `scenarios`, a list, and optionally `default`, a name.

    Raises:
        ScenarioError: The file cannot be read or is invalid; the text names the file and the field.
    """
    try:
        raw = path.read_text(encoding="utf-8-sig")
        document = tomllib.loads(raw) if path.suffix == ".toml" else json.loads(raw)
        file = _File.model_validate(document)
        return ScenarioBook((*BUILT_IN, *file.scenarios), file.default or "happy")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ScenarioError(f"{path}: {field}: {first['msg']}") from None
    except (OSError, ValueError, ScenarioError) as error:
        raise ScenarioError(f"{path}: {error}") from None
