"""An account whose read budget is too small keeps it, and reads urgent orders first."""

from bench.read_budget import measure
from bench.support.budget_report import objections, page, summary
from bench.support.figures import Spread
from bench.support.machine import Host
from bench.support.read_budget import BudgetFigures, ClassReads, most_within

SPEED = 30
"""So fast that the test is short; the budget allows three reads in a second of it."""


async def test_a_small_budget_is_kept_and_urgent_orders_are_read_first() -> None:
    found = await measure(40, 4, minutes=6, budget=6, speed=SPEED)
    urgent, patient = found.classes

    assert objections(found) == []
    assert urgent.reads / urgent.orders > 2 * patient.reads / patient.orders
    assert urgent.oldest < patient.oldest


def figures(busiest: int, urgent: float = 100, reads: int = 2_400) -> BudgetFigures:
    classes = [ClassReads("the swap", 2, 5, 50, urgent), ClassReads("a deposit", 4, 95, 90, 900)]
    return BudgetFigures(10, 20, 120, busiest, reads, classes, Spread(3, 40, 90, 90))


def test_a_budget_that_is_exceeded_is_an_objection() -> None:
    assert objections(figures(144, reads=2_424)) == []
    assert "had 145 reads; the budget is 120" in objections(figures(145))[0]
    assert "2425 reads in 20 minutes; the budget is 120 a minute" in objections(figures(120, reads=2_425))[0]


def test_an_urgent_order_that_waits_longest_is_an_objection() -> None:
    assert "later than less urgent ones" in objections(figures(120, urgent=901))[0]


def test_the_page_has_budget_classes_and_ages() -> None:
    text = page(figures(118), "make bench BENCH=read_budget", Host("Linux", 2, 0.1, "3.11"))

    assert summary(figures(118)) in text
    assert "| a deposit | 4 | 95 | 90 | 4.5 | 900 s |" in text


def test_the_busiest_stretch_is_found_wherever_it_begins() -> None:
    assert most_within([0.0, 0.9, 1.1, 1.8, 1.95, 5.0], 1.0) == 3
    assert most_within([], 1.0) == 0
