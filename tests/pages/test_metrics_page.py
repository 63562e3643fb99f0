"""docs/metrics.md describes every instrument, and no other."""

import re

from baton.metrics.instruments import LEDGER_INSTRUMENTS, REGISTRY
from tests.pages.metrics_page import PAGE, written


def test_the_tables_are_those_of_the_instruments() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert written(page) == page, "run `make docs`"


def test_each_instrument_is_on_the_page_once() -> None:
    rows = re.findall(r"^\| `(baton_\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    own = {family.name for family in REGISTRY.collect() if family.name.startswith("baton_")}

    assert len(rows) == len(set(rows))
    assert {row.removesuffix("_total") for row in rows} == own | {
        one.name.removesuffix("_total") for one in LEDGER_INSTRUMENTS
    }


def test_names_begin_with_baton_and_labels_are_bounded() -> None:
    labels = {label for one in LEDGER_INSTRUMENTS for label in one.labels}
    for family in REGISTRY.collect():
        labels |= {label for sample in family.samples for label in sample.labels}
    bounded = {"account", "phase", "status", "outcome", "reason", "type", "endpoint", "chain", "operation", "result"}

    assert labels <= bounded | {"kind", "cause", "part", "process", "version", "le"}
