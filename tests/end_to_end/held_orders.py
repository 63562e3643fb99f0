"""Orders behind a hold: placing holds that the worker has seen, and waiting for orders that they stop."""

from typing import Any

from baton import Placement, Snapshot
from baton.holds.models import Hold
from tests.end_to_end.world import World
from tests.eventually import eventually

WHY = "the bridge answers twice"


async def follow_holds(world: World) -> None:
    """Wait until the worker waits for changes: the very first hold is found by a look every half second."""
    first = await hold(world)

    async def is_seen() -> bool:
        placed = await world.place()
        await world.deposit_and_report(placed)
        snapshot = await eventually(lambda: world.snapshot(placed), lambda found: bool(found.held or found.order_id))
        return snapshot.held is not None

    await eventually(is_seen)
    await world.baton.release(first.id, reason="the worker has seen it")


async def hold(world: World, what: str = "submits", **scope: Any) -> Hold:
    """Place a hold."""
    return (await world.baton.hold(what, reason=WHY, **scope)).hold


async def release_all(world: World) -> None:
    """Release every hold."""
    for standing in await world.baton.open_holds():
        await world.baton.release(standing.id, reason="the test is over")


async def held(world: World, placed: Placement) -> Snapshot:
    """Wait until an order waits behind a hold; return it."""
    return await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.held is not None)


async def held_order(world: World, **fields: Any) -> Placement:
    """Place an order and report its deposit; return it once it waits behind a hold."""
    placed = await world.place(**fields)
    await world.deposit_and_report(placed)
    await held(world, placed)
    return placed
