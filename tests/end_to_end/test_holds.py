"""An operator stops submits or approvals: nothing is sent, orders say why they wait, and a release lets them go on."""

from collections.abc import AsyncIterator

import pytest

from baton import Outcome, Phase, Placement
from tests.end_to_end.held_orders import WHY, follow_holds, held, held_order, hold, release_all
from tests.end_to_end.test_submitting import keys, orders_of, submit_calls
from tests.end_to_end.world import World


@pytest.fixture(scope="module", autouse=True)
async def the_worker_follows_the_holds(world: World) -> None:
    await follow_holds(world)


@pytest.fixture(autouse=True)
async def no_hold_outlives_its_test(world: World) -> AsyncIterator[None]:
    yield
    await release_all(world)


async def completed(world: World, placed: Placement) -> None:
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert len(await orders_of(world, placed)) == 1
    assert set(keys(await submit_calls(world, placed))) == {"submit/1"}


async def test_a_held_order_sends_nothing_and_says_why_it_waits(world: World) -> None:
    stopped = await hold(world)

    placed = await held_order(world)

    snapshot = await held(world, placed)
    assert snapshot.phase is Phase.SUBMITTING
    assert snapshot.attentions == []
    assert snapshot.held is not None
    assert (snapshot.held.hold_id, snapshot.held.reason) == (stopped.id, WHY)
    assert snapshot.waiting_for is not None
    assert snapshot.waiting_for.who == "operator"
    assert WHY in snapshot.waiting_for.what
    assert await submit_calls(world, placed) == []


async def test_a_release_lets_the_order_go_on_under_its_first_key(world: World) -> None:
    stopped = await hold(world)
    placed = await held_order(world)

    release = await world.baton.release(stopped.id, reason="the bridge is well")

    await completed(world, placed)
    assert (release.hold, release.reason, release.rate) == (stopped, "the bridge is well", None)
    assert (await world.snapshot(placed)).held is None
