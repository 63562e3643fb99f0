"""The other ends: cancelled, refused, failed, refunded, expired at Orchestra."""

from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from tests.replay.registry import PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.CANCELLED)
async def cancelled_by_update(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.baton.cancel(placed.reference)
    return placed


@PATHS.ending(Outcome.CANCELLED)
async def cancelled_through_temporal(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.handle(placed).cancel()
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def cancellation_refused(stage: PathStage) -> Placement:
    """A cancellation through Temporal after the deposit: the order notes it and continues."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, phase=Phase.TRACKING)
    await stage.world.handle(placed).cancel()
    await stage.until(placed, lambda snapshot: snapshot.attention is not None)
    await stage.move(placed, times=4)
    return placed


@PATHS.ending(Outcome.FAILED)
async def quote_refused(stage: PathStage) -> Placement:
    return await stage.refused(destinationAsset="DOGE")


@PATHS.ending(Outcome.FAILED)
async def failed(stage: PathStage) -> Placement:
    return await _through(stage, "failed_slippage")


@PATHS.ending(Outcome.REFUNDED, refund="refunded")
async def refunded(stage: PathStage) -> Placement:
    return await _through(stage, "refunded")


@PATHS.ending(Outcome.FAILED, refund="failed")
async def refund_failed(stage: PathStage) -> Placement:
    return await _through(stage, "refund_failed")


@PATHS.ending(Outcome.COMPLETED)
async def paused_then_resumed(stage: PathStage) -> Placement:
    return await _through(stage, "paused_then_resumes")


@PATHS.ending(Outcome.EXPIRED)
async def expired_in_silence(stage: PathStage) -> Placement:
    """Orchestra expires the order without a webhook; a poll finds it."""
    placed = await _through(stage, "expired")
    await stage.until_orchestra_has(placed, "expired")
    await stage.world.until(placed, phase=Phase.TRACKING)
    await stage.world.advance(placed, seconds=61)
    return placed


async def _through(stage: PathStage, scenario: str) -> Placement:
    placed = await stage.place(scenario=scenario)
    await stage.world.deposit_and_report(placed)
    return placed
