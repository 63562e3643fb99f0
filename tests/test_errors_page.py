"""The page on errors names every code, outcome and phase, with the HTTP status that the order API gives it."""

import pytest

from baton.errors import OrderRefused
from baton.gateway.api.conflicts import CONFLICTS
from baton.gateway.api.errors import status_of
from baton.orders.models import Outcome, Phase
from tests.error_codes import error_codes
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
NOT_RAISED = {
    "endpoint_unknown",
    "event_unknown",
    "http_error",
    "invalid_order",
    "method_not_allowed",
    "not_found",
    "on_hold",
}
"""Codes that are not the first argument of an error, but of its class or of a table."""


def rows(title: str) -> dict[str, list[str]]:
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in lines}


CODES = rows("Codes of errors")


def test_every_code_that_the_code_raises_is_on_the_page() -> None:
    assert sorted(error_codes() | NOT_RAISED) == list(CODES)


@pytest.mark.parametrize("code", sorted(code for code, cells in CODES.items() if cells[0] in ("409", "422")))
def test_a_refusal_has_the_status_that_the_page_says(code: str) -> None:
    assert str(status_of(OrderRefused(code, "refused"))) == CODES[code][0]


def test_every_conflict_is_on_the_page() -> None:
    assert {code for code, cells in CODES.items() if cells[0] == "409"} == CONFLICTS


def test_every_outcome_and_phase_has_a_row() -> None:
    assert list(rows("Outcomes")) == list(Outcome)
    assert list(rows("Phases")) == list(Phase)
