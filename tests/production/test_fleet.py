"""The fleet of the other tests: its processes stop, start and die alone, and orders run meanwhile."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from baton.local.stack.showcase import SHOWPIECES
from bench.fleet import Fleet, running_fleet
from bench.support.orders import OrderRun, run_order
from tests.eventually import eventually

pytestmark = [pytest.mark.production, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
async def fleet() -> AsyncIterator[Fleet]:
    async with running_fleet(workers=2, gateways=2, BATON_SANDBOX_STEP_SECONDS="0.05") as running:
        yield running


async def order_of_each_kind(fleet: Fleet, name: str) -> list[OrderRun]:
    return await asyncio.gather(*(run_order(fleet, piece, f"{name}-{piece.name}") for piece in SHOWPIECES))


async def is_ready(fleet: Fleet) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"{fleet.gateway_url}/readyz")).status_code == httpx.codes.OK


async def test_orders_of_each_kind_complete_on_the_fleet(fleet: Fleet) -> None:
    assert [run.error for run in await order_of_each_kind(fleet, "each")] == [None] * len(SHOWPIECES)


async def test_new_connections_go_to_the_gateway_that_is_left(fleet: Fleet) -> None:
    await fleet.kill("gateway-0")
    before = fleet.balancer.forwarded["gateway-1"]
    assert await is_ready(fleet)
    assert fleet.balancer.forwarded["gateway-1"] > before
    await fleet.start("gateway-0")
    assert fleet.balancer.ready == set(fleet.gateways)


async def test_a_drained_gateway_gets_no_connections(fleet: Fleet) -> None:
    fleet.balancer.drain("gateway-1")
    before = dict(fleet.balancer.forwarded)
    assert await is_ready(fleet)
    assert fleet.balancer.forwarded["gateway-1"] == before["gateway-1"]
    fleet.balancer.restore("gateway-1")
    await eventually(lambda: "gateway-1" in fleet.balancer.ready)


async def test_a_worker_that_was_killed_starts_again(fleet: Fleet) -> None:
    await fleet.kill("worker-0")
    runs = asyncio.create_task(order_of_each_kind(fleet, "killed"))
    await fleet.start("worker-0")
    assert [run.error for run in await runs] == [None] * len(SHOWPIECES)
    assert await fleet.restart("worker-1") == 0


async def test_memory_and_cpu_of_every_process_are_known(fleet: Fleet) -> None:
    usage = fleet.usage()
    assert usage.keys() == {*fleet.workers, *fleet.gateways, "temporal", "sandbox", "postgres"}
    assert all(used.resident > 1_000_000 and used.cpu_seconds > 0 for used in usage.values())
