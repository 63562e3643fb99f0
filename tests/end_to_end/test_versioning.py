"""Worker Versioning: open orders move to a new build, or end on the one that they began on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.deployments import builds_of, make_current
from tests.end_to_end.worker_process import worker_process
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import AFTER_KILL, temporal_server

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("versioning")


@pytest.fixture(scope="module")
async def bare(folder: Path) -> AsyncIterator[World]:
    """Run Baton without a worker, on its own Temporal server."""
    async with temporal_server(**AFTER_KILL) as temporal, running_world(temporal, folder, with_worker=False) as world:
        yield world


async def until_current(world: World, deployment: str, build: str) -> None:
    """Make a build current and wait until Temporal gives it new orders, which takes a moment."""
    await make_current(world.environment.client, deployment, build)

    async def gets_orders() -> bool:
        return await builds_of(world.handle(await world.place())) == [build]

    await eventually(gets_orders, within=30)


async def paid(world: World, placed: Placement) -> Outcome:
    await world.deposit_and_report(placed)
    async with asyncio.timeout(60):
        return (await world.baton.wait(placed.reference)).outcome


def build(deployment: str, number: str, versioning: str = "auto_upgrade") -> dict[str, str]:
    return {"BATON_DEPLOYMENT_NAME": deployment, "BATON_BUILD_ID": number, "BATON_VERSIONING": versioning}


async def test_open_orders_move_to_the_current_build(bare: World, folder: Path) -> None:
    async with worker_process(bare, folder, **build("moving", "1")) as first:
        await make_current(bare.environment.client, "moving", "1")
        older = await bare.place()
        async with worker_process(bare, folder, **build("moving", "2")):
            newer = await bare.place()
            assert await builds_of(bare.handle(newer)) == ["1"]
            await until_current(bare, "moving", "2")
            assert await paid(bare, older) is Outcome.COMPLETED
            assert await builds_of(bare.handle(older)) == ["1", "2"]
            await first.stop()
            assert await paid(bare, newer) is Outcome.COMPLETED
            assert await builds_of(bare.handle(await bare.place())) == ["2"]


async def test_pinned_orders_end_on_the_build_that_they_began_on(bare: World, folder: Path) -> None:
    async with (
        worker_process(bare, folder, **build("staying", "1", "pinned")),
        worker_process(bare, folder, **build("staying", "2", "pinned")),
    ):
        await until_current(bare, "staying", "1")
        older = await bare.place()
        await until_current(bare, "staying", "2")
        newer = await bare.place()
        assert [await paid(bare, order) for order in (older, newer)] == [Outcome.COMPLETED, Outcome.COMPLETED]
    assert [await builds_of(bare.handle(order)) for order in (older, newer)] == [["1"], ["2"]]


async def test_an_order_that_only_waits_is_shown_by_the_new_build(bare: World, folder: Path) -> None:
    async with worker_process(bare, folder, **build("idle", "1")) as first:
        await until_current(bare, "idle", "1")
        placed = await bare.place()
        async with worker_process(bare, folder, **build("idle", "2")):
            await until_current(bare, "idle", "2")
            await first.stop()
            async with asyncio.timeout(20):
                assert (await bare.snapshot(placed)).quote_id == placed.quote_id
