"""Running orders, as a deploy finds them when it replaces the worker."""

from baton.orders.answers import Placement
from baton.orders.models import Phase
from tests.eventually import eventually
from tests.replay.registry import OPEN, PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(OPEN)
async def open_awaiting_the_deposit(stage: PathStage) -> Placement:
    """Only a timer runs."""
    return await stage.place()


@PATHS.ending(OPEN)
async def open_submitting(stage: PathStage) -> Placement:
    """The submit waits for its answer."""
    placed = await stage.place()
    await stage.world.sandbox.fault("submit", "hold_after", quoteId=placed.quote_id)
    await stage.world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, phase=Phase.SUBMITTING)
    return placed


@PATHS.ending(OPEN)
async def open_reading(stage: PathStage) -> Placement:
    """A poll runs."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.world.advance(placed, seconds=91)

    async def read_pending() -> bool:
        description = await stage.world.handle(placed).describe()
        return bool(description.raw_description.pending_activities)

    await eventually(read_pending)
    return placed
