"""What a workload takes: more orders take more, the budget of reads bounds them, and prices go down with volume."""

import pytest

from baton.sizing import (
    CACHED_ORDERS,
    LIVES,
    MONTH_DAYS,
    READS_PER_MINUTE,
    Workload,
    actions_bill,
    life_of,
    reads_per_day,
    size,
)


def test_a_life_between_two_measured_ones_lies_between_them() -> None:
    half = life_of((LIVES[0].hours + LIVES[1].hours) / 2)

    assert half.events == pytest.approx((LIVES[0].events + LIVES[1].events) / 2)
    assert half.reads == pytest.approx((LIVES[0].reads + LIVES[1].reads) / 2)


@pytest.mark.parametrize("life", LIVES)
def test_a_measured_life_takes_what_was_measured(life: object) -> None:
    assert life_of(life.hours) == pytest.approx(life)  # type: ignore[attr-defined]


def test_a_shorter_life_takes_what_the_shortest_does() -> None:
    assert life_of(0.001) == LIVES[0]


def test_a_longer_life_grows_as_within_the_last_day() -> None:
    week, day = life_of(168), life_of(24)

    assert week.reads - day.reads == pytest.approx(6 * 24 * (LIVES[-1].reads - LIVES[-2].reads) / 23)


def test_ten_times_the_orders_take_ten_times_the_cores_and_rows() -> None:
    few, many = (size(Workload(orders_per_day=orders)) for orders in (10_000, 100_000))

    assert many.temporal.peak_cores == pytest.approx(10 * few.temporal.peak_cores)
    assert many.ledger.rows == pytest.approx(10 * few.ledger.rows)


def test_there_are_never_fewer_than_two_workers_and_gateways() -> None:
    processes = size(Workload(orders_per_day=1)).processes

    assert (processes.workers, processes.gateways) == (2, 2)


def test_a_worker_keeps_no_more_orders_than_its_cache() -> None:
    most, more = (size(Workload(orders_per_day=orders, open_hours=24)) for orders in (50_000, 100_000))

    assert most.open_orders > 2 * CACHED_ORDERS
    assert more.processes.worker_mb == most.processes.worker_mb


def test_reads_beyond_the_budget_are_not_made() -> None:
    load = Workload(orders_per_day=100_000, open_hours=24)
    found = size(load).orchestra

    assert reads_per_day(load, life_of(24)) == READS_PER_MINUTE * 1_440
    assert found.reads_per_minute * found.read_share == pytest.approx(READS_PER_MINUTE)


def test_more_accounts_have_more_reads() -> None:
    one, ten = (
        size(Workload(orders_per_day=100_000, accounts=accounts)).orchestra.read_budget_per_minute
        for accounts in (1, 10)
    )

    assert ten == 10 * one


def test_without_orders_to_speak_of_the_watched_chains_are_what_costs() -> None:
    watched, unwatched = (size(Workload(orders_per_day=1, chains=chains)) for chains in (1, 0))

    assert watched.temporal.actions_per_month - unwatched.temporal.actions_per_month == 17_280 * MONTH_DAYS


@pytest.mark.parametrize(("millions", "dollars"), [(5, 250), (11.25, 525), (200, 5_925), (300, 8_425)])
def test_the_bill_follows_the_list_of_prices(millions: float, dollars: float) -> None:
    assert actions_bill(millions * 1e6) == pytest.approx(dollars)


def test_a_given_price_holds_for_every_action() -> None:
    assert actions_bill(2e8, 20.0) == 4_000
