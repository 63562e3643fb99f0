"""The open-orders benchmark: it objects if the worker outgrows its bound. A run of it is in `tests/production`."""

import os

from bench.support.figures import Spread
from bench.support.machine import process_age, resident_bytes
from bench.support.open_load import Memory, OpenOrders, Restart
from bench.support.open_report import HEAD, objections, page, rows_of


def result(worker: int, restarted: int = 0) -> OpenOrders:
    spread = Spread(1, 10.0, 20.0, 20.0)
    before, after = Memory(100_000_000, 200_000_000), Memory(worker, 300_000_000)
    return OpenOrders(
        orders=1_000,
        cache=4_000,
        placing_seconds=60.0,
        before=before,
        after=after,
        worker_bytes=60_000,
        server_bytes=100_000,
        answer=spread,
        state=spread,
        query=spread,
        restart=Restart(2.0, 2.1, 2.4),
        restarted=Memory(restarted, 0),
    )


def test_a_worker_above_its_bound_is_an_objection_with_a_remedy() -> None:
    (text,) = objections([result(599_000_000), result(601_000_000)])

    assert "601 MB, more than 600; lower BATON_WORKFLOW_CACHE" in text


def test_a_restarted_worker_must_keep_the_bound_too() -> None:
    assert objections([result(1, restarted=601_000_000)]) != []


def test_the_page_has_memory_for_each_order_and_the_restart() -> None:
    text = page([result(160_000_000)], 55_000, "make bench BENCH=open_orders", "2 cores", 0.1)

    assert "| 1,000 | 60 s | 160 | 60 | 300 | 100 | 10 / 20 ms |" in text
    assert "4,000 workflows in memory (`BATON_WORKFLOW_CACHE`)" in text
    assert "A naive workflow that waits for its deposit takes 55 kB" in text
    assert len(rows_of([result(1)])[0]) == len(HEAD)


def test_memory_and_age_of_a_process_are_read() -> None:
    assert resident_bytes(os.getpid()) > 10_000_000
    assert 0 < process_age(os.getpid()) < 86_400
