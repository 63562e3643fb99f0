"""docs/sizing.md computes with the figures of the code, and those are the measured ones."""

import json
import re
from typing import Any

from baton.metrics.instruments import LEDGER_INSTRUMENTS, REGISTRY
from tests.pages.measured_figures import MODULE, rendered
from tests.pages.sizing_page import PAGE, written
from tests.paths import ROOT

RESULTS = ROOT / "docs" / "results"


def measured(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return document


def test_the_tables_are_those_of_the_figures() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert written(page) == page, "run `make docs`"


def test_the_figures_of_the_code_are_the_measured_ones() -> None:
    assert MODULE.read_text(encoding="utf-8") == rendered(), "run `make docs`"


def test_the_page_on_encryption_has_the_measured_ratio() -> None:
    page = (ROOT / "docs" / "encryption.md").read_text(encoding="utf-8")

    assert f"becomes {measured('encryption')['bytes_ratio']} times as long" in page


def test_the_readme_has_the_measured_events_of_a_week() -> None:
    results = (RESULTS / "growth.md").read_text(encoding="utf-8")
    (events,) = re.findall(r"^\| a week \| without webhooks \| (\d+) \|", results, flags=re.MULTILINE)

    assert f"takes {events} events without any" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_metric_on_the_page_exists() -> None:
    named = set(re.findall(r"`(baton_\w+)`", PAGE.read_text(encoding="utf-8")))
    known = {family.name for family in REGISTRY.collect()} | {one.name for one in LEDGER_INSTRUMENTS}

    assert named
    assert {name for name in named if name not in known and name.removesuffix("_total") not in known} == set()
