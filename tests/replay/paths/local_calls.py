"""Orders of later editions: calls are tried first as local activities, and most rows are written beside the history."""

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.end_to_end.test_onramps import ONRAMP
from tests.replay.registry import PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.COMPLETED)
async def local_swap(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def local_onramp(stage: PathStage) -> Placement:
    placed = await stage.world.baton.place({**ONRAMP, "reference": stage.reference})
    await stage.world.sandbox.deposit(placed.quote_id)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def local_calls_fail(stage: PathStage) -> Placement:
    """Quote and submit get no answer as local activities, and are made again as activities."""
    await stage.world.sandbox.fault("quote", "error", status=503)
    placed = await stage.place()
    await stage.world.sandbox.fault("submit", "error", quoteId=placed.quote_id, status=503)
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def local_submit_refused(stage: PathStage) -> Placement:
    """The local submit does not find the deposit; the next one is an activity that repeats."""
    placed = await stage.place()
    await stage.world.sandbox.fault("submit", "error", quoteId=placed.quote_id, status=404, code="tx_not_found")
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.FAILED)
async def local_quote_refused(stage: PathStage) -> Placement:
    return await stage.refused(destinationAsset="DOGE")


@PATHS.ending(Outcome.COMPLETED)
async def rows_beside_the_history(stage: PathStage) -> Placement:
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.until_recorded(placed, "processing")
    await stage.move(placed, times=4)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def tracking_listed_once_it_stands(stage: PathStage) -> Placement:
    """The first status lasts longer than the first timer, so that the order is listed before it ends."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.until_recorded(placed, "processing")
    await stage.world.advance(placed, minutes=2)
    await stage.move(placed, times=4)
    return placed
