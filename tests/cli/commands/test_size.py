"""`baton size`: what a workload takes, without any server."""

import json

import pytest

from baton.sizing import SizeDocument, Workload
from tests.cli.command import Baton


async def test_it_prints_what_the_figures_say(alone: Baton) -> None:
    result = await alone("size", "--orders-per-day", "100000", "--open-hours", "2", "--accounts", "4", "--json")

    assert result.code == 0
    load = Workload(orders_per_day=100_000, open_hours=2, accounts=4)
    assert SizeDocument.model_validate(json.loads(result.out)) == SizeDocument.of(load)


async def test_people_see_each_part_in_a_line(alone: Baton) -> None:
    result = await alone("size", "--orders-per-day", "100000")

    names = [line.split("  ")[0] for line in result.out.splitlines()]
    assert {"workers", "gateways", "Temporal", "PostgreSQL", "reads", "Temporal Cloud"} <= set(names)
    assert "times as far apart" in result.out


async def test_a_price_of_ones_own_changes_only_the_bill(alone: Baton) -> None:
    printed = [
        json.loads((await alone("size", "--orders-per-day", "1000", *price, "--json")).out)
        for price in ((), ("--action-price", "0"))
    ]
    listed, own = printed

    assert own["cloud_dollars_per_month"] < listed["cloud_dollars_per_month"]
    assert own["sizing"] == listed["sizing"]


async def test_no_orders_are_refused_with_the_option(alone: Baton) -> None:
    result = await alone("size", "--orders-per-day", "0")

    assert result.code == 2
    assert "--orders-per-day" in result.err


@pytest.mark.parametrize(
    ("option", "value"), [("--orders-per-day", "9" * 400), ("--action-price", "inf"), ("--open-hours", "nan")]
)
async def test_what_cannot_be_computed_is_refused_with_the_option(alone: Baton, option: str, value: str) -> None:
    result = await alone("size", "--orders-per-day", "1000", option, value, "--json")

    assert result.code == 2
    assert option in result.err + result.out
