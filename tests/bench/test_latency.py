"""The latency benchmark: it paces its load, compares with a bare quote and signal, and knows its aims.

Its short run is in `test_order_cost.py`, on the same stack as that benchmark's.
"""

import asyncio
import time

from bench.support.figures import Spread
from bench.support.latency_load import Latency
from bench.support.latency_report import HEAD, document, objections, page, rows_of
from bench.support.pace import paced


def latency(*, placed: float = 60.0, answered: float = 10.0, applied: float = 15.0) -> Latency:
    partner, signal = 5.0, 10.0
    return Latency(5.0, *(Spread(9, p50, 99.0, 99.0) for p50 in (placed, partner, answered, applied, signal)))


def test_latencies_within_their_aims_are_no_objection() -> None:
    assert objections(latency(placed=65.0)) == []


def test_each_latency_above_its_aim_is_named_with_the_aim() -> None:
    assert objections(latency(placed=66.0, answered=10.1, applied=15.2)) == [
        "placing an order takes 61 ms at p50, more than 60",
        "the answer to a webhook takes 10.1 ms at p50, more than 10",
        "applying a webhook takes 1.52 times a bare signal at p50, more than 1.5",
    ]


def test_the_page_and_the_document_have_what_is_compared() -> None:
    text = page(latency(), "make bench BENCH=latency", "2 cores", 0.1)
    raw = document(latency(), "make bench BENCH=latency", {"cores": 2}, "now")

    assert "placed in 55 ms without the partner's time (aim 60)" in text
    assert "| signal | 10 | 99 | 99 | 9 |" in text
    assert (raw["own_placing_p50_ms"], raw["applied_in_signals"]) == (55.0, 1.5)
    assert all(len(row) == len(HEAD) for row in rows_of(latency()))


async def test_slow_work_does_not_lower_the_pace() -> None:
    began = time.monotonic()

    async def work(number: int) -> tuple[int, float]:
        started = time.monotonic() - began
        await asyncio.sleep(0.2)
        return number, started

    results = await paced(work, count=5, rate=50)

    assert [number for number, _ in results] == list(range(5))
    assert results[-1][1] < 0.2
    assert results[-1][1] >= 4 / 50
