"""An operator stops submits or approvals: nothing is sent, orders say why they wait, and a release lets them go on."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import pytest

from baton import HeldCalls, HoldRefused, HoldUnknown, InvalidArgument, Outcome, Phase, Placement, Snapshot
from baton.holds.models import Hold
from baton.holds.names import RELEASED
from tests.end_to_end.test_submitting import keys, orders_of, submit_calls
from tests.end_to_end.world import World
from tests.eventually import eventually

WHY = "the bridge answers twice"


@pytest.fixture(scope="module", autouse=True)
async def the_worker_follows_the_holds(world: World) -> None:
    """Wait until the worker waits for changes: the very first hold is found by a look every half second."""
    first = (await world.baton.hold("submits", reason="the first hold", account="default")).hold

    async def stopped() -> bool:
        placed = await world.place()
        await world.deposit_and_report(placed)
        snapshot = await eventually(lambda: world.snapshot(placed), lambda found: bool(found.held or found.order_id))
        return snapshot.held is not None

    await eventually(stopped)
    await world.baton.release(first.id, reason="the worker has seen it")


@pytest.fixture(autouse=True)
async def no_hold_outlives_its_test(world: World) -> AsyncIterator[None]:
    yield
    for hold in await world.baton.open_holds():
        await world.baton.release(hold.id, reason="the test is over")


async def hold(world: World, what: str = "submits", **scope: Any) -> Hold:
    return (await world.baton.hold(what, reason=WHY, by="olga", **scope)).hold


async def held(world: World, placed: Placement) -> Snapshot:
    return await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.held is not None)


async def waiting_order(world: World, **fields: Any) -> Placement:
    """Return an order whose deposit is reported and whose submit is on hold."""
    placed = await world.place(**fields)
    await world.deposit_and_report(placed)
    await held(world, placed)
    return placed


async def completed(world: World, placed: Placement) -> None:
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert len(await orders_of(world, placed)) == 1
    assert set(keys(await submit_calls(world, placed))) == {"submit/1"}


async def test_a_held_order_sends_nothing_and_says_why_it_waits(world: World) -> None:
    stopped = await hold(world)

    placed = await waiting_order(world)

    snapshot = await held(world, placed)
    assert snapshot.phase is Phase.SUBMITTING
    assert snapshot.attentions == []
    assert snapshot.held is not None
    assert (snapshot.held.hold_id, snapshot.held.reason, snapshot.held.by) == (stopped.id, WHY, "olga")
    assert snapshot.waiting_for is not None
    assert snapshot.waiting_for.who == "operator"
    assert WHY in snapshot.waiting_for.what
    assert await submit_calls(world, placed) == []


async def test_a_release_lets_the_order_go_on_under_its_first_key(world: World) -> None:
    stopped = await hold(world)
    placed = await waiting_order(world)

    release = await world.baton.release(stopped.id, reason="the bridge is well", by="omar")

    await completed(world, placed)
    assert (release.hold.id, release.by, release.reason, release.rate) == (
        stopped.id,
        "omar",
        "the bridge is well",
        None,
    )
    assert (await world.snapshot(placed)).held is None
