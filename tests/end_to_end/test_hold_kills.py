"""Holds in worker processes: all see one within a second, and neither a start nor a kill lets a submit through."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton import Outcome, Placement
from baton.holds.models import Hold
from tests.end_to_end.held_orders import WHY, held, held_order, release_all
from tests.end_to_end.test_submitting import keys, submit_calls
from tests.end_to_end.worker_process import worker_process
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import AFTER_KILL, temporal_server

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("holds")


@pytest.fixture(scope="module")
async def bare(folder: Path) -> AsyncIterator[World]:
    """Run Baton without a worker, on its own Temporal server."""
    async with temporal_server(**AFTER_KILL) as temporal, running_world(temporal, folder, with_worker=False) as world:
        yield world


async def place_hold(world: World) -> Hold:
    return (await world.baton.hold("submits", reason=WHY)).hold


async def reported(world: World, count: int) -> list[Placement]:
    """Place orders and report their deposits, all at once."""
    orders = await asyncio.gather(*(world.place() for _ in range(count)))
    await asyncio.gather(*(world.deposit_and_report(placed) for placed in orders))
    return orders


async def completed(world: World, placed: Placement) -> None:
    """Check that an order completed under its first key."""
    async with asyncio.timeout(60):
        assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert set(keys(await submit_calls(world, placed))) == {"submit/1"}


async def submits_of(world: World, orders: list[Placement]) -> int:
    """Count the orders that were submitted."""
    return sum([bool(await submit_calls(world, placed)) for placed in orders])


async def workers_of(world: World, orders: list[Placement]) -> set[str]:
    """Return the workers that did the workflow tasks of these orders."""
    histories = [await world.handle(placed).fetch_history() for placed in orders]
    events = [event for history in histories for event in history.events]
    return {event.workflow_task_completed_event_attributes.identity for event in events} - {""}


async def test_two_workers_see_a_hold_within_a_second_and_its_release_too(bare: World, folder: Path) -> None:
    async with worker_process(bare, folder), worker_process(bare, folder):
        begun = time.monotonic()
        stopped = await place_hold(bare)
        early = await reported(bare, 8)
        await eventually(lambda: time.monotonic() - begun >= 1)
        late = [*await reported(bare, 8), *await reported(bare, 8)]  # so many that both workers get some
        for placed in late:
            await held(bare, placed)
        assert await submits_of(bare, late) == 0
        assert len(await workers_of(bare, late)) == 2

        begun = time.monotonic()
        await bare.baton.release(stopped.id, reason="the bridge is well")
        await eventually(lambda: submits_of(bare, late), lambda count: count == len(late))
        assert time.monotonic() - begun < 10
        for placed in [*early, *late]:
            await completed(bare, placed)


async def test_a_worker_that_starts_during_a_hold_never_submits(bare: World, folder: Path) -> None:
    async with worker_process(bare, folder) as worker:
        await place_hold(bare)
        placed = await held_order(bare)
        await worker.kill()
    reported = await bare.sandbox.requests("submit")

    for _ in range(2):
        async with worker_process(bare, folder) as worker:
            fresh = await bare.place()
            await bare.deposit_and_report(fresh)
            await held(bare, fresh)
            await worker.kill()

    assert len(await bare.sandbox.requests("submit")) == len(reported)
    async with worker_process(bare, folder):
        await release_all(bare)
        await completed(bare, placed)
        await completed(bare, fresh)


async def test_a_worker_killed_during_a_release_costs_no_order_its_turn(bare: World, folder: Path) -> None:
    async with worker_process(bare, folder) as worker:
        stopped = await place_hold(bare)
        orders = [await held_order(bare) for _ in range(8)]

        await bare.baton.release(stopped.id, reason="slowly", rate=2)
        await eventually(lambda: submits_of(bare, orders), lambda count: count >= 2)
        await worker.kill()
    assert await submits_of(bare, orders) < len(orders)

    async with worker_process(bare, folder):
        for placed in orders:
            await completed(bare, placed)
        over = await eventually(bare.baton.holds, lambda found: not found.releasing, within=30)
    assert over.released[0].hold.id == stopped.id
    assert over.released[0].finished_at is not None
