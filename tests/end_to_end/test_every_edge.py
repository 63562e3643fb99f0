"""Every row of the published table and every published event is lived through by a real order, and told in the docs."""

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
from tests.end_to_end.edge_runs import LedOrder, Runs, is_seen_while_paused, lead_all, shown
from tests.end_to_end.edge_table import PAGE, PUBLISHED, NotLed, complaint, page_with, told_event
from tests.end_to_end.world import World


@pytest.fixture(scope="session")
async def runs(world: World) -> Runs:
    return await lead_all(world)


def name_of(edge: Edge) -> str:
    return f"{edge.before or 'new'}-{edge.after}"


def test_every_row_of_the_table_has_an_order_that_is_led_along_it() -> None:
    tables = (PUBLIC_EDGES, SILENT_EDGES)
    rows = {(before, after) for table in tables for before, afters in table.items() for after in afters}

    led = {(edge.before, edge.after) for edge in all_edges()}

    assert led == {(None, Status.PROCESSING), *rows}
    assert len(led) == 1 + 47 + 11


@pytest.mark.parametrize("edge", all_edges(), ids=name_of)
def test_an_order_goes_from_one_status_to_the_next(runs: Runs, edge: Edge) -> None:
    led = sound(runs.rows[edge])

    assert led.moves == list(edge.statuses)
    assert edge.before is None or (edge.before, edge.after) in pairwise(led.moves)
    assert led.told == shown(edge)
    assert led.outcome == edge.statuses[-1]


@pytest.mark.parametrize("edge", all_edges(), ids=name_of)
def test_a_webhook_or_a_read_shows_every_visible_move(runs: Runs, edge: Edge) -> None:
    led = sound(runs.rows[edge])

    if edge.after is Status.EXPIRED or is_seen_while_paused(edge):
        assert (led.event, led.read) == (None, True)
    elif edge.before and public(edge.before) == public(edge.after):
        assert led.event is None
    else:
        assert led.event == f"order.{edge.after}"


@pytest.mark.parametrize("event", PUBLISHED)
def test_an_event_reaches_an_order_that_knows_what_to_make_of_it(runs: Runs, event: str) -> None:
    assert told_event(runs, event).effect == effect_of(event)


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


def test_the_tables_in_the_docs_are_what_the_orders_did(runs: Runs) -> None:
    page = PAGE.read_text(encoding="utf-8")

    told = complaint(page, page_with(page, runs))

    assert not told, told


def test_a_table_that_differs_is_reported_with_the_remedy(runs: Runs) -> None:
    page = page_with(PAGE.read_text(encoding="utf-8"), runs)
    [line] = [line for line in page.splitlines() if "| `edge_bridging_to_failed` |" in line]

    told = complaint(page.replace(line, line.replace("| failed |", "| completed |")), page)

    assert f"+{line}" in told
    assert "run `python -m tests.end_to_end.edge_table --write`" in told


def test_a_row_whose_order_did_not_come_to_its_end_makes_no_table(runs: Runs) -> None:
    edge = all_edges()[1]
    broken = replace(runs, rows={**runs.rows, edge: AssertionError("not within 15 s")})

    with pytest.raises(NotLed, match=f"{edge.name}.*not within 15 s"):
        page_with(PAGE.read_text(encoding="utf-8"), broken)


def test_an_event_that_no_scenario_sends_makes_no_table(runs: Runs) -> None:
    silent: Mapping[Edge, Any] = {
        edge: replace(led, event=None) if isinstance(led, LedOrder) and led.event == "order.bridging" else led
        for edge, led in runs.rows.items()
    }

    with pytest.raises(NotLed, match=r"no scenario sends order\.bridging: add one"):
        page_with(PAGE.read_text(encoding="utf-8"), replace(runs, rows=silent))


def sound(led: LedOrder | BaseException) -> LedOrder:
    if isinstance(led, BaseException):
        raise led
    return led
