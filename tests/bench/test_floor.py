"""The floor benchmark: what it compares is what it says, and its figures are medians against the floor."""

import json
import sys
from pathlib import Path

import pytest

from bench.support import floor_report
from bench.support.bytecode import objection
from bench.support.figures import Spread
from bench.support.floor_turn import Contestant, FloorTurn, Server, medians_of
from bench.support.history import cost_of
from bench.support.naive_load import NaiveLoad, naive_worker
from bench.support.own_process_load import ContestantFailed, own_process
from bench.support.results import write_results
from tests.temporal_server import temporal_server


def turn(contestant: Contestant, orders: int, *, under_way: int = 16, cpu: float = 0.0) -> FloorTurn:
    spread = Spread(1, 10.0, 20.0, 20.0)
    return FloorTurn(contestant, under_way, 10.0, orders, {"temporal": cpu}, 36, 5, 3650, spread, spread)


def checkout(root: Path, *, compiled: bool) -> Path:
    (root / "baton").mkdir()
    (root / "baton" / "client.py").touch()
    if compiled:
        (root / "baton" / "__pycache__").mkdir()
        (root / "baton" / "__pycache__" / f"client.{sys.implementation.cache_tag}.pyc").touch()
    return root


def test_without_bytecode_it_does_not_run_and_says_what_to_do(tmp_path: Path) -> None:
    text = objection({}, checkout(tmp_path, compiled=False))

    assert text is not None
    assert "baton/client.py" in text
    assert "-m compileall" in text


def test_where_bytecode_is_not_kept_it_names_the_variable(tmp_path: Path) -> None:
    text = objection({"PYTHONDONTWRITEBYTECODE": "1"}, checkout(tmp_path, compiled=True))

    assert text is not None
    assert "unset PYTHONDONTWRITEBYTECODE" in text


def test_with_compiled_bytecode_it_runs(tmp_path: Path) -> None:
    assert objection({}, checkout(tmp_path, compiled=True)) is None


def test_the_ratio_is_that_of_the_medians_at_the_same_level() -> None:
    speeds = {Contestant.FLOOR: (100, 200, 900), Contestant.BATON: (240, 220, 10)}
    turns = [turn(contestant, orders) for contestant, three in speeds.items() for orders in three]
    turns += [turn(Contestant.FLOOR, 50, under_way=40), turn(Contestant.BATON, 40, under_way=40)]

    ratios = {(row.contestant, row.under_way): row.ratio for row in medians_of(turns)}

    assert ratios[Contestant.BATON, 16] == 1.1
    assert ratios[Contestant.BATON, 40] == 0.8
    assert "1.10 at its better level" in floor_report.verdict(medians_of(turns))


def test_each_server_has_a_ratio_of_its_own() -> None:
    speeds = {Server.SYNCED: (120, 100), Server.TUNED: (160, 200)}
    turns = [
        turn(contestant, orders)._replace(server=server)
        for server, both in speeds.items()
        for contestant, orders in zip((Contestant.BATON, Contestant.FLOOR), both, strict=True)
    ]

    verdict = floor_report.verdict(medians_of(turns))

    assert "each write synced to the disk: 1.20 at 16 orders under way" in verdict
    assert "writes synced now and then: 0.80 at 16 orders under way" in verdict


def test_a_turn_in_which_no_order_ended_counts_as_none_a_second() -> None:
    none = FloorTurn(Contestant.BATON, 16, 10.0, 0, {"temporal": 1.0})

    (row,) = medians_of([none])

    assert (row.per_second, row.events, row.quote_p50) == (0, None, None)
    assert floor_report.rows_of([row])[0][5:] == ("-", "-", "-", "-", "-", "-", "-")
    assert floor_report.verdict([row]) == "baton ended no order with 16 under way (tuned): there is no ratio."


def test_cpu_time_is_counted_for_each_order() -> None:
    (row,) = medians_of([turn(Contestant.BATON, 50, cpu=2.0)])

    assert row.cpu_ms == {"temporal": 40.0}
    assert row.ratio is None


def test_the_page_says_what_was_run_and_warns_if_the_machine_was_busy(tmp_path: Path) -> None:
    turns = [turn(Contestant.BATON, 50), turn(Contestant.FLOOR, 100)]
    page = floor_report.page(turns, {"dbos": "no PostgreSQL"}, "make bench BENCH=floor", "2 cores", 7.5)
    document = floor_report.document(turns, {}, "make bench BENCH=floor", {"cores": 2}, "2026-01-01")

    raw, table = write_results(tmp_path, "floor", document, page)

    assert json.loads(raw.read_text())["turns"][0]["orders"] == 50
    text = table.read_text()
    assert "`make bench BENCH=floor`" in text
    assert "load average 7.5 before the run): do not quote" in text
    assert "dbos was left out: no PostgreSQL." in text
    assert "| tuned | baton | 16 | 5 (5 to 5) | 0.5 |" in text


async def test_the_floor_has_three_activities_six_signals_and_two_timers() -> None:
    async with temporal_server() as environment:
        address = environment.client.service_client.config.target_host
        async with naive_worker(address, environment.client.namespace) as pid:
            figures = await NaiveLoad(environment.client, {pid: "worker"}).measure(2, 0.5)
        (newest, *_) = [found async for found in environment.client.list_workflows(page_size=1)]
        history = await environment.client.get_workflow_handle(newest.id).fetch_history()

    cost = cost_of(history.events, 0)
    assert (cost.activities, cost.signals, cost.timers) == (3, 6, 2)
    assert figures.orders > 0
    assert figures.quote is not None
    assert figures.state is not None


async def test_the_poller_runs_the_same_shape_in_a_process_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.support.poller_orders", str(tmp_path / "orders.db"), "NORMAL"]

    async with own_process(Contestant.POLLER, command) as load:
        figures = await load.measure(2, 0.5)

    assert figures.orders > 0
    assert figures.state is not None
    assert figures.state.size == 6 * figures.orders


async def test_a_process_that_does_not_start_is_an_error() -> None:
    with pytest.raises(ContestantFailed, match="dbos did not start"):
        async with own_process(Contestant.DBOS, [sys.executable, "-c", ""]):
            pass
