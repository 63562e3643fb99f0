"""The verdict of a soak: what grows, lags, is lost or doubled is found, and what merely varies is not."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from baton.ledger.rows import EventRow, OrderRow
from bench.support.soak_books import SoakBooks, feed_faults, order_faults, repeats
from bench.support.soak_reading import log_faults
from bench.support.soak_report import SoakReport, document, page
from bench.support.soak_rules import (
    MOST_BYTES_PER_ORDER,
    Finding,
    Point,
    lag_finding,
    memory_finding,
    overdue_finding,
    slope,
    thirds_of,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
RATE = 5.0


def memory(per_order: float, *, noise: float = 0.0, spike: float = 0.0) -> list[Point]:
    random = Random(7)
    points = [Point(at, 1e8 + per_order * RATE * at + random.uniform(-noise, noise)) for at in range(0, 600, 5)]
    points[100] = points[100]._replace(value=points[100].value + spike)
    return points


def test_the_slope_is_that_of_most_pairs_whatever_one_sample_says() -> None:
    assert slope(memory(1_000)) == pytest.approx(1_000 * RATE)
    assert slope(memory(1_000, spike=1e9)) == pytest.approx(1_000 * RATE, rel=0.05)
    assert slope([]) == slope([Point(1, 5)]) == 0


def test_memory_that_varies_by_a_megabyte_is_flat() -> None:
    assert memory_finding("worker-0", memory(0, noise=1e6), RATE, bounded=True).passed


def test_memory_that_is_taken_for_a_moment_is_flat() -> None:
    vacuum = [2.5e7 if point.at > 300 and point.at % 60 > 30 else 0.0 for point in memory(0)]
    points = [point._replace(value=point.value + more) for point, more in zip(memory(0), vacuum, strict=True)]

    assert memory_finding("postgres", points, RATE, bounded=True).passed


def test_a_quarter_of_an_orders_state_left_of_each_order_is_not_flat() -> None:
    finding = memory_finding("worker-0", memory(MOST_BYTES_PER_ORDER * 1.5, noise=1e6), RATE, bounded=True)

    assert not finding.passed
    assert finding.what == "memory, worker-0"


def test_a_few_hundred_kilobytes_are_noise_however_few_the_orders() -> None:
    points = [point._replace(at=point.at / 10) for point in memory(400)]

    assert slope(points) > MOST_BYTES_PER_ORDER
    assert memory_finding("worker-0", points, 1.0, bounded=True).passed


def test_growth_that_ends_before_the_second_half_is_a_warm_up() -> None:
    points = [Point(at, 1e8 + min(at, 250) * 1e6) for at in range(0, 600, 5)]

    assert memory_finding("worker-0", points, RATE, bounded=True).passed


def test_a_process_without_a_bound_is_only_reported() -> None:
    finding = memory_finding("temporal", memory(1e6), RATE, bounded=False)

    assert (finding.passed, finding.bound) == (True, "-")


def lag(last: float) -> list[Point]:
    return [Point(at, 0.4 if at < 400 else last) for at in range(600)]


def test_a_lag_that_doubles_is_found_and_one_that_varies_is_not() -> None:
    assert lag_finding("applied", lag(0.5), 600).passed
    assert not lag_finding("applied", lag(0.8), 600).passed


def test_a_lag_without_samples_at_the_end_is_no_proof() -> None:
    assert thirds_of(lag(0.4)[:300], 600) is None
    assert not lag_finding("applied", lag(0.4)[:300], 600).passed


def test_an_order_under_way_for_too_long_is_found() -> None:
    assert overdue_finding([Point(0, 12), Point(5, 30)]).passed
    assert not overdue_finding([Point(0, 12), Point(5, 31)]).passed


def row(number: int) -> OrderRow:
    return OrderRow(
        workflow_id=f"order/default/soak-{number}",
        account="default",
        reference=f"soak-{number}",
        phase="closed",
        outcome="completed",
        order_id=f"o-{number}",
        created_at=START,
        updated_at=START,
        revision=5,
    )


def event(number: int, kind: str) -> EventRow:
    return EventRow(
        id=f"evt-{number}-{kind}",
        seq=number,
        workflow_id=f"order/default/soak-{number}",
        account="default",
        reference=f"soak-{number}",
        type=f"order.{kind}",
        occurred_at=START,
        written_at=START + timedelta(seconds=1),
        data={},
    )


def books() -> SoakBooks:
    numbers = range(3)
    events = [event(number, kind) for number in numbers for kind in ("placed", "closed")]
    submit = {"status": 200, "replayed": False}
    return SoakBooks(
        placed=[f"soak-{number}" for number in numbers],
        orders=[{"id": f"o-{number}", "status": "completed", "moves": [{"status": "completed"}]} for number in numbers],
        deposits=[{"txHash": str(number)} for number in numbers],
        submits=[{**submit, "body": {"quoteId": f"q-{number}"}} for number in numbers],
        rows=[row(number) for number in numbers],
        workflows=[f"order/default/soak-{number}" for number in numbers],
        events=events,
        read=[each.id for each in events],
        notified=[each.id for each in events],
    )


def test_books_that_agree_have_no_fault() -> None:
    assert order_faults(books()) == []
    assert feed_faults(books()) == []


FAULTS: dict[str, tuple[Callable[[SoakBooks], SoakBooks], str]] = {
    "a row is missing": (lambda it: replace(it, rows=it.rows[1:]), "soak-0 has no row"),
    "an order is missing": (lambda it: replace(it, orders=it.orders[1:]), "2 orders at Orchestra of 3"),
    "an order is doubled": (lambda it: replace(it, orders=[*it.orders, it.orders[0]]), "4 orders at Orchestra of 3"),
    "a submit is doubled": (lambda it: replace(it, submits=[*it.submits, it.submits[0]]), "q-0 was submitted 2 times"),
    "a workflow never ended": (lambda it: replace(it, workflows=it.workflows[1:]), "2 completed workflows of 3"),
    "a workflow ended twice": (
        lambda it: replace(it, workflows=[*it.workflows, it.workflows[0]]),
        "soak-0 completed 2 times",
    ),
    "two rows have one order": (
        lambda it: replace(it, rows=[*it.rows[:2], it.rows[2].model_copy(update={"order_id": "o-0"})]),
        "2 rows of order o-0",
    ),
    "an order failed": (
        lambda it: replace(it, rows=[*it.rows[:2], it.rows[2].model_copy(update={"outcome": "failed"})]),
        "soak-2 ended as failed",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_books_is_named(fault: str) -> None:
    broken, text = FAULTS[fault]

    assert any(text in found for found in order_faults(broken(books())))


FEED_FAULTS: dict[str, tuple[Callable[[SoakBooks], SoakBooks], str]] = {
    "an event was never written": (lambda it: replace(it, events=it.events[:-1]), "soak-2 has 0 events order.closed"),
    "the reader missed one": (lambda it: replace(it, read=it.read[1:]), "missed 1 of 6 events"),
    "the reader got one twice": (lambda it: replace(it, read=[*it.read, it.read[0]]), "got evt-0-placed 2 times"),
    "the endpoint missed one": (lambda it: replace(it, notified=it.notified[1:]), "did not get 1 of 6 events"),
    "the endpoint got them out of order": (
        lambda it: replace(it, notified=[it.notified[1], it.notified[0], *it.notified[2:]]),
        "events of soak-0 out of order",
    ),
}


@pytest.mark.parametrize("fault", FEED_FAULTS)
def test_a_fault_in_the_feed_is_named(fault: str) -> None:
    broken, text = FEED_FAULTS[fault]

    assert any(text in found for found in feed_faults(broken(books())))


def test_a_notification_may_come_again() -> None:
    again = replace(books(), notified=[*books().notified, books().notified[0]])

    assert feed_faults(again) == []
    assert repeats(again.notified) == 1


def test_errors_and_tracebacks_in_the_logs_are_named(tmp_path: Path) -> None:
    lines = [json.dumps({"level": "info", "event": "ready"}), json.dumps({"level": "error", "event": "it broke"})]
    (tmp_path / "worker-0.log").write_text("\n".join([*lines, "Traceback (most recent call last):"]))

    faults, levels = log_faults(tmp_path, ["worker-0"])

    assert faults == ["worker-0: it broke (1 times)", "worker-0: Traceback (most recent call last): (1 times)"]
    assert levels == {"info": 1, "error": 1, "no JSON": 1}


def report(*findings: Finding) -> SoakReport:
    points = memory(0)
    return SoakReport(
        2, 2, 600.0, 10.0, 5.0, 3_000, 0, findings, {"worker-0": points}, {"a": thirds_of(lag(0.4), 600)}, {}, 5.0
    )


def test_the_page_says_what_failed() -> None:
    passed, failed = report(Finding("lag, a", "1 ms", "2 ms")), report(Finding("lag, a", "3 ms", "2 ms", passed=False))

    assert "**Passed: 3000 orders in 600 s" in page(passed, "make bench BENCH=soak", "2 cores", 0.1)
    assert "**Failed: 3000 orders" in page(failed, "make bench BENCH=soak", "2 cores", 0.1)
    assert "| lag, a | 3 ms | 2 ms | **no** |" in page(failed, "make bench BENCH=soak", "2 cores", 0.1)
    assert json.loads(json.dumps(document(failed, "make bench BENCH=soak", {"cores": 2}, "now")))["passed"] is False
