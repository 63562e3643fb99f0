"""The cost of an order in Temporal, from its stored histories."""

from tests.replay import store
from tests.replay.cost import HistoryCost, cost_of, table

CEILING = HistoryCost(events=40, workflow_tasks=7, size=20_000)


def test_the_happy_path_stays_below_its_ceiling() -> None:
    cost = cost_of(store.load("stablecoin"))

    assert cost.events <= CEILING.events
    assert cost.workflow_tasks <= CEILING.workflow_tasks
    assert cost.size <= CEILING.size


def test_events_of_the_tests_own_clock_are_not_counted() -> None:
    history = store.load("window_expired")

    assert cost_of(history).events < len(history.events)


def test_the_table_has_a_row_for_each_path() -> None:
    cost = cost_of(store.load("stablecoin"))

    assert table(["stablecoin"]).splitlines()[2] == (
        f"| stablecoin | {cost.events} | {cost.workflow_tasks} | {cost.size} |"
    )
