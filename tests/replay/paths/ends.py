"""The other ends: cancelled, refused, failed, refunded, expired at Orchestra."""

from tests.eventually import eventually
from tests.replay.registry import Paths, Stage
from workflows.models import Outcome, Phase, Placement

PATHS = Paths()


@PATHS.ending(Outcome.CANCELLED)
async def cancelled_by_update(stage: Stage) -> Placement:
    placed = await stage.place()
    await stage.world.baton.cancel(placed.reference)
    return placed


@PATHS.ending(Outcome.CANCELLED)
async def cancelled_through_temporal(stage: Stage) -> Placement:
    placed = await stage.place()
    await stage.world.handle(placed).cancel()
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def cancellation_refused(stage: Stage) -> Placement:
    """Temporal is asked to cancel once money is under way: the order notes it and goes on."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    seen = await stage.world.until(placed, phase=Phase.TRACKING)
    await stage.world.handle(placed).cancel()
    await eventually(lambda: stage.world.snapshot(placed), lambda seen: seen.attention is not None)
    for _ in range(4):
        await stage.world.sandbox.advance(seen.order_id)
    return placed


@PATHS.ending(Outcome.FAILED)
async def quote_refused(stage: Stage) -> Placement:
    return await stage.place(destinationAsset="DOGE")


@PATHS.ending(Outcome.FAILED)
async def failed(stage: Stage) -> Placement:
    return await _through(stage, "failed_slippage")


@PATHS.ending(Outcome.REFUNDED)
async def refunded(stage: Stage) -> Placement:
    return await _through(stage, "refunded")


@PATHS.ending(Outcome.FAILED)
async def refund_failed(stage: Stage) -> Placement:
    return await _through(stage, "refund_failed")


@PATHS.ending(Outcome.COMPLETED)
async def paused_then_resumed(stage: Stage) -> Placement:
    return await _through(stage, "paused_then_resumes")


@PATHS.ending(Outcome.EXPIRED)
async def expired_in_silence(stage: Stage) -> Placement:
    """Orchestra expires the order without a webhook; a planned read tells."""
    placed = await _through(stage, "expired")

    def expired(orders: list[dict]) -> bool:
        return any(order["quoteId"] == placed.quote_id and order["status"] == "expired" for order in orders)

    await eventually(stage.world.sandbox.orders, expired)
    await stage.world.until(placed, phase=Phase.TRACKING)
    await stage.world.advance(placed, seconds=61)
    return placed


async def _through(stage: Stage, scenario: str) -> Placement:
    placed = await stage.place(scenario=scenario)
    await stage.world.deposit_and_report(placed)
    return placed
