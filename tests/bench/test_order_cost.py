"""What an order costs in Temporal on its happy path, in figures that hardly depend on the machine."""

import asyncio
from statistics import median
from typing import NamedTuple

import pytest

from bench.support.cost import BURST, SPACED, ModeCost, measure_cost
from bench.support.workbench import workbench


class Bounds(NamedTuple):
    """The most that an order may cost. Lower them when an order gets cheaper."""

    events: int
    workflow_tasks: int
    history_bytes: int


MOST = {"burst": Bounds(26, 4, 17_000), "spaced": Bounds(42, 8, 20_000)}


@pytest.fixture(scope="module")
async def costs() -> dict[str, ModeCost]:
    """Return what orders cost whose webhooks come in a burst, and seconds apart."""
    async with workbench(say=lambda _: None) as bench:
        modes = await asyncio.gather(measure_cost(bench, BURST, 1), measure_cost(bench, SPACED, 1))
    return {mode.mode.name: mode for mode in modes}


@pytest.mark.parametrize("mode", MOST)
@pytest.mark.parametrize("figure", Bounds._fields)
def test_an_order_on_its_happy_path_stays_below_its_bounds(costs: dict[str, ModeCost], mode: str, figure: str) -> None:
    assert costs[mode].failed == []
    assert median(getattr(kind.median, figure) for kind in costs[mode].kinds) <= getattr(MOST[mode], figure)
