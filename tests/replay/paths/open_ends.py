"""Orders under way: what a deploy finds when it replaces the worker."""

from baton.orders.answers import Placement
from baton.orders.models import Phase
from tests.eventually import eventually
from tests.replay.registry import OPEN, Paths, Stage

PATHS = Paths()


@PATHS.ending(OPEN)
async def open_awaiting_the_deposit(stage: Stage) -> Placement:
    """A timer runs, nothing else."""
    return await stage.place()


@PATHS.ending(OPEN)
async def open_submitting(stage: Stage) -> Placement:
    """The submit is under way and its answer withheld."""
    placed = await stage.place()
    await stage.world.sandbox.fault("submit", "hold_after", quoteId=placed.quote_id)
    await stage.world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, phase=Phase.SUBMITTING)
    return placed


@PATHS.ending(OPEN)
async def open_reading(stage: Stage) -> Placement:
    """A read is repeated by Temporal until it brings news."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.world.advance(placed, seconds=70)

    async def read_pending() -> bool:
        description = await stage.world.handle(placed).describe()
        return bool(description.raw_description.pending_activities)

    await eventually(read_pending)
    return placed
