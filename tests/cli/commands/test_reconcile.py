"""`baton reconcile`: what it prints, writes and exits with."""

import csv
from datetime import UTC, datetime, timedelta

import pytest

from baton.cli.errors import CommandFailed
from baton.cli.periods import period_of
from baton.reconciliation.messages import reconcile_schedule_id
from baton.reconciliation.schedules import ReconcileSchedules
from tests.cli.command import Baton
from tests.cli.commands.test_export import written
from tests.end_to_end.world import World
from tests.eventually import eventually


def at(world: World) -> dict[str, str]:
    return {"ORCHESTRA_BASE_URL": world.account.base_url, "ORCHESTRA_API_KEY": "fn_sandbox"}


def today() -> tuple[str, ...]:
    begins = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    return ("--from", begins.isoformat())


async def test_an_order_that_ended_a_moment_ago_is_not_yet_due(baton: Baton, world: World) -> None:
    placed = await world.place()
    await world.deposit_and_report(placed)
    await written(world, placed, "completed")
    answer = await baton("reconcile", *today(), "--all", "--json", **at(world))
    (line,) = [line for line in answer.lines if line["reference"] == placed.reference]
    assert line["verdict"] == "not_due"
    assert line["amount_in"] == line["amount_in_there"] == "100000000"
    assert (answer.code, answer.err) == (0, "")


async def test_the_table_has_every_order_and_the_summary_counts_them(baton: Baton, world: World) -> None:
    placed = await world.place()
    await written(world, placed, None)
    answer = await baton("reconcile", *today(), "--csv", "books.csv", **at(world))
    with (baton.folder / "books.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert placed.reference in [row["reference"] for row in rows]
    assert f"{len(rows)} orders: " in answer.out
    assert "0 wrong" in answer.out


async def test_the_last_planned_report_is_shown_and_a_missing_one_is_named(baton: Baton, world: World) -> None:
    schedules = ReconcileSchedules(world.environment.client, {"default": world.account}, "04:30")
    missing = await baton("reconcile", "--last", "--json", **at(world))
    await schedules.keep()
    handle = world.environment.client.get_schedule_handle(reconcile_schedule_id("default"))
    await handle.trigger()

    shown = await eventually(
        lambda: baton("reconcile", "--last", "--json", **at(world)), lambda answer: answer.code == 0, within=40
    )
    for_people = await baton("reconcile", "--last", **at(world))
    await ReconcileSchedules(world.environment.client, {"default": world.account}, "off").keep()

    assert (missing.code, missing.error["code"]) == (1, "no_report")
    assert "none was made yet" in missing.error["message"]
    assert (shown.json["account"], shown.json["orders"]) == ("default", [])
    assert for_people.code == 0
    assert "default" in for_people.out


async def test_a_period_without_orders_says_so(baton: Baton, world: World) -> None:
    answer = await baton("reconcile", "--from", "2020-01-01", **at(world))
    assert answer.code == 0
    assert "no order was placed in this period" in answer.err


@pytest.mark.parametrize(
    ("since", "until", "begins", "ends"),
    [
        (None, None, "2026-11-28T00:00", "2026-11-29T00:00"),
        ("2026-11-01", None, "2026-11-01T00:00", "2026-11-02T00:00"),
        ("2026-11-01", "2026-12-01", "2026-11-01T00:00", "2026-12-01T00:00"),
        ("2026-11-01T06:00+02:00", "2026-11-01T05:00Z", "2026-11-01T04:00", "2026-11-01T05:00"),
    ],
)
def test_a_period_is_in_utc_and_by_default_yesterday(since: str, until: str, begins: str, ends: str) -> None:
    period = period_of(since, until, datetime(2026, 11, 29, 15, 30, tzinfo=UTC))
    assert [f"{at:%Y-%m-%dT%H:%M}" for at in period] == [begins, ends]


@pytest.mark.parametrize(("since", "until"), [("yesterday", None), ("2026-13-01", None), ("2026-11-02", "2026-11-01")])
def test_a_wrong_period_is_refused_by_the_name_of_its_option(since: str, until: str | None) -> None:
    with pytest.raises(CommandFailed, match=r"--from|--to"):
        period_of(since, until)
