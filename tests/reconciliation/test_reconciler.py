"""A reconciliation finds each planted difference, and nothing else."""

import csv
import io
from datetime import timedelta

import pytest

from baton.cli.files.tables import CsvTable
from baton.ledger.rows import QuoteEntry
from baton.orders.models import Outcome, Phase
from baton.reconciliation.orchestra_side import OrchestraSide
from baton.reconciliation.reconciled_order import ReconciledOrder
from baton.reconciliation.verdicts import BookVerdict
from tests.reconciliation.books import open_books

MANY = 1000


@pytest.fixture
async def books(tmp_path):
    async with open_books(tmp_path) as opened:
        yield opened


@pytest.mark.timeout(180)
async def test_eight_planted_differences_are_found_among_a_thousand_orders(books):
    orders = await books.completed(MANY)
    failed, refunded, short, fee, deposit, open_here, foreign, missing, *agreeing = orders
    invented = agreeing[0].model_copy(update={"order_id": "ord_invented", "quote_id": "q_invented"})
    invented = invented.model_copy(update={"reference": "invented", "workflow_id": "order/default/invented"})
    planted = {
        failed.reference: failed.model_copy(update={"status": "failed", "outcome": Outcome.FAILED}),
        refunded.reference: refunded.model_copy(update={"status": "refunded", "outcome": Outcome.REFUNDED}),
        short.reference: short.model_copy(update={"amount_out": short.amount_out - 1}),
        fee.reference: fee.model_copy(update={"fee_amount": (fee.fee_amount or 0) + 7}),
        deposit.reference: deposit.model_copy(update={"amount_in": deposit.amount_in + 1}),
        open_here.reference: open_here.model_copy(
            update={"status": "swapping", "outcome": None, "phase": Phase.TRACKING, "closed_at": None}
        ),
        missing.reference: missing.model_copy(update={"order_id": None, "status": None, "outcome": Outcome.EXPIRED}),
        invented.reference: invented,
    }
    for order in [*planted.values(), *agreeing]:
        await books.write(order)

    lines = await books.reconcile()
    differing = {line.reference or line.order_id: line for line in lines if line.verdict is not BookVerdict.AGREEING}
    assert {name: line.verdict for name, line in differing.items()} == {
        **dict.fromkeys(planted.keys() - {"invented"}, BookVerdict.WRONG),
        "invented": BookVerdict.UNKNOWN_THERE,
        foreign.order_id: BookVerdict.UNKNOWN_HERE,
    }
    assert len(lines) == MANY + 1
    said = {name: " | ".join(line.differences) for name, line in differing.items()}
    assert said[failed.reference] == "status: failed (failed) here, completed there"
    assert said[short.reference] == f"amount out: {short.amount_out - 1} here, {short.amount_out} there"
    assert said[open_here.reference] == "status: swapping and still followed here, ended as completed there"
    assert "fee amount" in said[fee.reference]
    assert "amount in" in said[deposit.reference]
    assert "and Baton none" in said[missing.reference]


async def test_a_second_order_of_a_quote_is_a_difference_of_the_first(books):
    first, second = await books.completed(2)
    await books.write(first)
    of_the_first = {"account": "default", "quote_id": second.quote_id, "workflow_id": first.workflow_id}
    await books.ledger.index_quote(QuoteEntry(**of_the_first, created_at=books.opened_at))

    lines = {line.verdict: line for line in await books.reconcile()}

    assert lines[BookVerdict.WRONG].reference == first.reference
    assert lines[BookVerdict.WRONG].differences == [
        f"Orchestra has a second order {second.order_id} (completed) of this quote"
    ]
    assert BookVerdict.UNKNOWN_HERE not in lines


async def test_a_change_of_a_moment_ago_is_not_due(books):
    (order,) = await books.completed(1)
    await books.write(order.model_copy(update={"status": "swapping", "outcome": None, "phase": Phase.TRACKING}))
    (line,) = await books.reconcile(after=timedelta(0))
    assert line.verdict is BookVerdict.NOT_DUE


async def test_a_row_that_is_behind_its_workflow_is_no_difference(books):
    (order,) = await books.completed(1)
    await books.write(order.model_copy(update={"amount_out": 1}))

    async def newest(_):
        return order

    (line,) = await books.reconcile(ask=newest)
    assert line.verdict is BookVerdict.AGREEING


async def test_each_recipient_is_read_once(books):
    for order in await books.completed(20):
        await books.write(order)
    side = OrchestraSide(books.orchestra, 0)
    assert len(await books.reconcile(side=side)) == 20
    assert side.reads == 1


async def test_the_table_has_one_row_an_order(books):
    for order in await books.completed(2):
        await books.write(order)
    file = io.StringIO()
    table = CsvTable(file, ReconciledOrder)
    for line in await books.reconcile():
        table.write(line)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [row["verdict"] for row in rows] == ["agreeing", "agreeing"]
    assert all(row["amount_in"] == row["amount_in_there"] == "100000000" for row in rows)
