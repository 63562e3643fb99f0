"""What an order costs in Temporal on its happy path, in figures that hardly depend on the machine.

Placing and webhooks are measured on the same stack, by the latency benchmark.
"""

import asyncio
from collections.abc import AsyncIterator
from statistics import median
from typing import NamedTuple

import pytest

from bench.latency import measure_on
from bench.support.cost import BURST, SPACED, ModeCost, measure_cost
from bench.support.workbench import Workbench, workbench


class Bounds(NamedTuple):
    """The most that an order may cost. Lower them when an order gets cheaper."""

    events: int
    workflow_tasks: int
    history_bytes: int


MOST = {"burst": Bounds(26, 4, 17_000), "spaced": Bounds(42, 8, 20_000)}


@pytest.fixture(scope="module")
async def bench() -> AsyncIterator[Workbench]:
    async with workbench(say=lambda _: None) as running:
        yield running


@pytest.fixture(scope="module")
async def costs(bench: Workbench) -> dict[str, ModeCost]:
    """Return what orders cost whose webhooks come in a burst, and seconds apart."""
    modes = await asyncio.gather(measure_cost(bench, BURST, 1), measure_cost(bench, SPACED, 1))
    return {mode.mode.name: mode for mode in modes}


@pytest.mark.parametrize("mode", MOST)
@pytest.mark.parametrize("figure", Bounds._fields)
def test_an_order_on_its_happy_path_stays_below_its_bounds(costs: dict[str, ModeCost], mode: str, figure: str) -> None:
    assert costs[mode].failed == []
    assert median(getattr(kind.median, figure) for kind in costs[mode].kinds) <= getattr(MOST[mode], figure)


async def test_a_short_run_measures_every_latency(bench: Workbench) -> None:
    found = (await measure_on(bench, 6, 10.0)).latency

    assert [spread.size for spread in found[1:]] == [6, 6, 6, 6, 6]
    assert found.placed.p50_ms > found.partner.p50_ms > 0
