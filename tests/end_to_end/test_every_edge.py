"""A real order runs along every row of the published table and gets every published event; the docs show the runs."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from baton.local.sandbox.scenarios.edges import Edge, all_edges
from baton.orchestra.lifecycle import (
    EVENTS,
    INFORMATION_EVENTS,
    LEGACY_EVENTS,
    PUBLIC_EDGES,
    SILENT_EDGES,
    Status,
    public,
)
from tests.end_to_end.edge_runs import EdgeRun, LifecycleRuns, is_shown_only_by_a_read, run_all, shown
from tests.end_to_end.edge_table import PAGE, PUBLISHED, RunFailed, difference, event_run, page_with
from tests.end_to_end.world import World


@pytest.fixture(scope="session")
async def runs(world: World) -> LifecycleRuns:
    return await run_all(world)


def name_of(edge: Edge) -> str:
    return f"{edge.before or 'new'}-{edge.after}"


def test_every_row_of_the_table_has_a_run() -> None:
    tables = (PUBLIC_EDGES, SILENT_EDGES)
    rows = {(before, after) for table in tables for before, afters in table.items() for after in afters}

    rows_run = {(edge.before, edge.after) for edge in all_edges()}

    assert rows_run == {(None, Status.PROCESSING), *rows}
    assert len(rows_run) == 1 + 47 + 11


@pytest.mark.parametrize("edge", all_edges(), ids=name_of)
def test_an_order_goes_from_one_status_to_the_next(runs: LifecycleRuns, edge: Edge) -> None:
    run = succeeded(runs.rows[edge])

    assert run.moves == list(edge.statuses)
    assert edge.before is None or (edge.before, edge.after) in pairwise(run.moves)
    assert run.recorded == shown(edge)
    assert run.outcome == edge.statuses[-1]


@pytest.mark.parametrize("edge", all_edges(), ids=name_of)
def test_a_webhook_or_a_read_shows_every_visible_move(runs: LifecycleRuns, edge: Edge) -> None:
    run = succeeded(runs.rows[edge])

    if edge.after is Status.EXPIRED or is_shown_only_by_a_read(edge):
        assert (run.event, run.read) == (None, True)
    elif edge.before and public(edge.before) == public(edge.after):
        assert run.event is None
    else:
        assert run.event == f"order.{edge.after}"


@pytest.mark.parametrize("event", PUBLISHED)
def test_each_event_has_its_effect_on_an_order(runs: LifecycleRuns, event: str) -> None:
    assert event_run(runs, event).effect == effect_of(event)


def effect_of(event: str) -> str:
    informing = {
        "order.recovery_required": "stays at `processing` until Orchestra continues, then closes as `completed`",
        "order.superseded": "continues as the order that replaced it, and closes as `completed`",
    }
    status = event.removeprefix("order.")
    ends = status in ("completed", "failed", "refunded", "expired")
    return informing.get(event, f"closes as `{status}`" if ends else f"moves to `{status}`")


def test_the_list_of_events_is_complete() -> None:
    assert set(PUBLISHED) == {*EVENTS, *LEGACY_EVENTS, *INFORMATION_EVENTS}
    assert len(PUBLISHED) == 14


def test_the_tables_in_the_docs_agree_with_the_runs(runs: LifecycleRuns) -> None:
    page = PAGE.read_text(encoding="utf-8")

    report = difference(page, page_with(page, runs))

    assert not report, report


def test_a_table_that_differs_is_reported_with_the_remedy(runs: LifecycleRuns) -> None:
    page = page_with(PAGE.read_text(encoding="utf-8"), runs)
    [line] = [line for line in page.splitlines() if "| `edge_bridging_to_failed` |" in line]

    report = difference(page.replace(line, line.replace("| failed |", "| completed |")), page)

    assert f"+{line}" in report
    assert "run `python -m tests.end_to_end.edge_table --write`" in report


def test_a_failed_run_makes_no_table(runs: LifecycleRuns) -> None:
    edge = all_edges()[1]
    broken = replace(runs, rows={**runs.rows, edge: AssertionError("not within 15 s")})

    with pytest.raises(RunFailed, match=f"{edge.name}.*not within 15 s"):
        page_with(PAGE.read_text(encoding="utf-8"), broken)


def test_an_event_that_no_scenario_sends_makes_no_table(runs: LifecycleRuns) -> None:
    silent: Mapping[Edge, Any] = {
        edge: replace(run, event=None) if isinstance(run, EdgeRun) and run.event == "order.bridging" else run
        for edge, run in runs.rows.items()
    }

    with pytest.raises(RunFailed, match=r"no scenario sends order\.bridging: add one"):
        page_with(PAGE.read_text(encoding="utf-8"), replace(runs, rows=silent))


def succeeded(run: EdgeRun | BaseException) -> EdgeRun:
    if isinstance(run, BaseException):
        raise run
    return run
