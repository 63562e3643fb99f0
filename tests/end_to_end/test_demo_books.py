"""The books after a demo: what is lost, doubled or told otherwise is found, and a clean run leaves nothing to find."""

import time
from dataclasses import replace
from typing import Any

import pytest

from baton.local.stack.book_reader import read_books
from baton.local.stack.books import Books, faults, totals_line
from baton.local.stack.progress import Progress
from baton.local.stack.showcase import BRANCHES, SHOWPIECES
from tests.end_to_end.world import World, running_world
from tests.temporal_server import temporal_server

_PIECES = [SHOWPIECES[0], next(piece for piece in BRANCHES if piece.name == "refund")]


async def _run(world: World, order: Progress) -> None:
    placed = await world.baton.place({"reference": order.reference, **order.piece.document})
    if order.piece.scenario:
        await world.sandbox.set_scenario(order.piece.scenario, placed.quote_id)
    order.pay(await world.sandbox.deposit(placed.quote_id), time.monotonic())
    assert order.proof is not None
    await world.baton.report_deposit(order.reference, order.proof)
    async for snapshot in world.baton.watch(order.reference, every=0.05):
        order.record(snapshot, time.monotonic())


@pytest.fixture(scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Books, list[Progress]]:
    """Both sides' books after two orders, one delivered and one refunded, and the orders."""
    folder = tmp_path_factory.mktemp("books")
    orders = [Progress(piece, f"books-{piece.name}") for piece in _PIECES]
    # A server of its own: two workers of one process cannot serve the same queue of one server.
    async with temporal_server() as temporal, running_world(temporal, folder) as world:
        for order in orders:
            await _run(world, order)
        return await read_books(world.sandbox, f"sqlite:///{folder / 'ledger.db'}"), orders


Run = tuple[Books, list[Progress]]


def _changed(document: Any, **fields: Any) -> Any:
    return {**document, **fields}


def test_a_clean_run_has_no_faults_and_says_so_in_figures(run: Run) -> None:
    books, orders = run

    assert faults(books, orders) == []
    assert totals_line(books) == (
        "Orchestra's books: 2 orders of 2 deposits, 2 accepted submits of 2 sent, 1 delivered, 1 refunded. "
        "Baton has 2 rows."
    )


def test_a_lost_row_is_found(run: Run) -> None:
    books, orders = run
    found = faults(replace(books, rows=books.rows[1:]), orders)

    assert f"{books.rows[0].reference}: Baton has 0 rows of it" in found


def test_a_second_order_of_a_deposit_is_found(run: Run) -> None:
    books, orders = run
    twin = _changed(books.orders[0], id="ord_twin")
    found = faults(replace(books, orders=[*books.orders, twin]), orders)

    assert "Orchestra has 3 orders of 2" in found
    assert "books-stablecoin: its deposit became 2 orders" in found


def test_a_second_deposit_is_found(run: Run) -> None:
    books, orders = run
    found = faults(replace(books, deposits=[*books.deposits, books.deposits[0]]), orders)

    assert found == ["books-stablecoin: Orchestra has its deposit 2 times"]


@pytest.mark.parametrize("times", [0, 2])
def test_a_submit_that_is_missing_or_doubled_is_found(run: Run, times: int) -> None:
    books, orders = run
    first, *rest = books.submits
    found = faults(replace(books, submits=[*[first] * times, *rest]), orders)

    assert found == [f"books-stablecoin: {times} submits of it were accepted"]


def test_a_replayed_answer_is_no_second_submit(run: Run) -> None:
    books, orders = run
    replay = _changed(books.submits[0], replayed=True)

    assert faults(replace(books, submits=[*books.submits, replay]), orders) == []


def test_a_second_delivery_is_found(run: Run) -> None:
    books, orders = run
    first, *rest = books.orders
    again = _changed(first, moves=[*first["moves"], {"status": "completed", "at": ""}])
    found = faults(replace(books, orders=[again, *rest]), orders)

    assert len(found) == 1
    assert found[0].startswith("books-stablecoin: it ended more than once or otherwise")


def test_another_end_and_another_transaction_are_found(run: Run) -> None:
    books, orders = run
    first, refunded = books.orders
    other = [_changed(first, status="failed"), _changed(refunded, refundTxHash="0xother")]
    found = faults(replace(books, orders=other), orders)

    assert found[0] == "books-stablecoin: Orchestra says failed, not completed"
    assert found[1].startswith("books-refund: Baton's row has")
    assert found[1].endswith("as its refund, Orchestra has 0xother")


def test_an_unused_quote_and_a_forbidden_move_are_found(run: Run) -> None:
    books, orders = run
    quote, violation = _changed(books.quotes[0], id="q_unused"), {"order": "ord_1"}
    found = faults(replace(books, quotes=[*books.quotes, quote], violations=[violation]), orders)

    assert found == [
        "Orchestra was asked for a forbidden move: {'order': 'ord_1'}",
        "quote q_unused belongs to no order",
    ]


def test_an_order_that_was_not_paid_or_stayed_unknown_is_found(run: Run) -> None:
    books, orders = run
    unpaid = replace(orders[0], proof=None, error="no answer")
    unknown = replace(orders[1], snapshot=None)

    assert faults(books, [unpaid, unknown]) == [
        "books-stablecoin: it was not paid (no answer)",
        "books-refund: Baton knows no order of its deposit",
    ]
