"""docker-compose.yml as the tests read it: its services with the variables of an environment in place."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.paths import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
_DOCUMENT: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = _DOCUMENT["services"]
SECRETS: dict[str, dict[str, str]] = _DOCUMENT["secrets"]
VOLUMES: set[str] = set(_DOCUMENT["volumes"])
OURS = {"worker", "gateway", "cli", "sandbox"}
ONE_SHOTS = {name for name, service in SERVICES.items() if service["restart"].startswith("on-failure")}

_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def interpolated(value: Any, variables: Mapping[str, str]) -> Any:
    """Return a value of the file as Compose reads it: `${NAME:-default}` and `$$` replaced."""
    if isinstance(value, list):
        return [interpolated(each, variables) for each in value]
    if not isinstance(value, str):
        return value
    return _VARIABLE.sub(lambda found: variables.get(found[1]) or found[2] or "", value).replace("$$", "$")


def environment_of(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a service; a variable without a value is passed on, if it is set at all."""
    given: dict[str, Any] = SERVICES[service].get("environment", {})
    passed_on = {name: variables.get(name) for name, value in given.items() if value is None}
    fixed = {name: str(interpolated(value, variables)) for name, value in given.items() if value is not None}
    return fixed | {name: value for name, value in passed_on.items() if value is not None}


def folder_of(source: str) -> str:
    """Return what a volume's line takes from the host: a path that begins with a dot, or the name of a volume."""
    return source.split(":")[0]
