"""The notification benchmark: it names what is late, missing or out of order."""

from bench.support.figures import Spread
from bench.support.notification_load import NotificationFigures
from bench.support.notification_report import HEAD, document, objections, page, rows_of


def figures(*, p50: float = 300.0, missing: int = 0, unordered: int = 0) -> NotificationFigures:
    waited = Spread(9, p50, 900.0, 900.0)
    return NotificationFigures(10.0, 100, 100, waited, missing, unordered, missing, unordered, 0, 2.0, 3, 50, 606)


def test_figures_within_their_aims_are_no_objection() -> None:
    assert objections(figures()) == []


def test_what_is_late_missing_or_out_of_order_is_named() -> None:
    assert objections(figures(p50=1000.1, missing=2, unordered=1)) == [
        "good endpoints wait 1000.1 ms at p50, more than 1000",
        "2 good missing",
        "1 good unordered",
        "2 dead missing",
        "1 dead unordered",
    ]


def test_the_page_and_the_document_have_the_figures() -> None:
    text = page(figures(), "make bench BENCH=notifications", "2 cores", 0.1)
    assert "100 good ones have an event 300 ms after its commit at p50 (aim 1000)" in text
    assert document(figures(), "", {}, "now")["waited"]["p50_ms"] == 300.0
    assert all(len(row) == len(HEAD) for row in rows_of(figures()))
