"""The expressions of the rules and the dashboard, and the metrics and labels that they use."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.paths import ROOT

FOLDER = ROOT / "deploy" / "observability"

_METRIC = re.compile(r"\b((?:baton|temporal|process)_\w+)\b")
_GROUPED = re.compile(r"\b(?:by|on|without|ignoring) \(([^)]*)\)")
_SELECTED = re.compile(r"\{([^}]*)\}")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!=|!~|=)")

OF_PROMETHEUS = {"job", "instance", "le"}
"""Labels that Prometheus adds, or that every histogram has."""


def alarms() -> dict[str, dict[str, Any]]:
    """Return the alarms of the rules by name."""
    document = yaml.safe_load((FOLDER / "rules.yml").read_text(encoding="utf-8"))
    return {rule["alert"]: rule for group in document["groups"] for rule in group["rules"]}


def panels() -> dict[str, list[dict[str, str]]]:
    """Return the queries of each panel of the dashboard, by the panel's title."""
    document = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    return {panel["title"]: panel["targets"] for panel in document["panels"] if panel["type"] != "row"}


def expressions() -> Iterator[str]:
    """Return every expression of the rules and the dashboard."""
    yield from (rule["expr"] for rule in alarms().values())
    yield from (target["expr"] for targets in panels().values() for target in targets)


def metrics_in(expression: str) -> set[str]:
    """Return the metrics of Baton, the SDK and the process that an expression reads."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    return set(_METRIC.findall(bare))


def labels_in(expression: str) -> set[str]:
    """Return the labels that an expression selects or groups by, without Prometheus's own."""
    grouped = {name.strip() for names in _GROUPED.findall(expression) for name in names.split(",")}
    selected = {label for part in _SELECTED.findall(expression) for label in _LABEL.findall(part)}
    return (grouped | selected) - OF_PROMETHEUS - {""}
