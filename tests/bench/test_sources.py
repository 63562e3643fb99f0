"""Many deposits to one address, and many addresses: every deposit is one order without a twin."""

import pytest

from bench.sources import measure
from bench.support.history import HistoryCost
from bench.support.machine import Host
from bench.support.source_load import SourceCase, SourceFigures
from bench.support.source_report import creation_notes, document, objections, page

COST = HistoryCost(18, 3, 9_000, 3, 1, 0, 1)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("case", "deposits"),
    # More than are made at once; the long form with hundreds is in `tests/production`.
    [(SourceCase.ONE_ADDRESS, 40), (SourceCase.UNREPORTED, 30), (SourceCase.MANY_ADDRESSES, 20)],
)
async def test_each_of_many_deposits_is_one_order(case: SourceCase, deposits: int) -> None:
    await check_deposits(case, deposits)


async def check_deposits(case: SourceCase, deposits: int) -> None:
    """Make the deposits; each is one order that completes, with one row."""
    found = await measure(case, deposits)

    assert objections([found]) == []
    assert (found.orders, found.completed, found.twins) == (deposits, deposits, 0)
    assert found.rows["orders"] == found.rows["order_index"] == deposits
    assert found.rows["sources"] == found.addresses


def figures(orders: int = 300, twins: int = 0) -> SourceFigures:
    rows = {"orders": 300, "sources": 300}
    cpu = {"temporal": 4.0, "driver": 9.0}
    return SourceFigures(SourceCase.MANY_ADDRESSES, 300, 300, orders, 300, twins, 6, 10, COST, COST, cpu, rows)


def test_a_deposit_with_two_orders_is_an_objection() -> None:
    assert objections([figures()]) == []
    assert "300 deposits made 301 orders" in objections([figures(orders=301)])[0]
    assert "1 orders of Orchestra" in objections([figures(twins=1)])[0]


def test_the_page_has_figures_for_an_order_and_an_address() -> None:
    text = page([figures()], "make bench BENCH=sources", Host("Linux", 2, 0.1, "3.11"))

    assert "| 300 | 300 | 300 | 0 | 30.0 | 18 | 3 | 1 | 9,000 | 4 + 9 | 2.0 |" in text
    assert "18 events and 3 workflow tasks each" in creation_notes([figures()])
    assert document([figures()], "make", {}, "now")["sources"][0]["cost"]["events"] == 18
