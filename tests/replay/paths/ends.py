"""The other ends: cancelled, refused, failed, refunded, expired at Orchestra."""

import asyncio

from temporalio.client import WorkflowHistory

from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from baton.orders.names import order_workflow_id
from baton.orders.snapshot import placement_of_snapshot
from tests.eventually import eventually
from tests.replay.registry import PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.CANCELLED)
async def cancelled_by_update(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.baton.cancel(placed.reference)
    return placed


@PATHS.ending(Outcome.CANCELLED)
async def cancel_dropped_while_quoting(stage: PathStage) -> Placement:
    """A cancel during the quote request, as orders took it that dropped it; the second one counts."""
    return await _cancelled_while_quoting(stage, also_later=True)


@PATHS.ending(Outcome.CANCELLED)
async def cancelled_while_quoting(stage: PathStage) -> Placement:
    return await _cancelled_while_quoting(stage)


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
    await stage.world.advance(placed, seconds=91)
    return placed


@PATHS.ending(Outcome.FAILED)
async def quote_refused_and_workflow_failed(stage: PathStage) -> Placement:
    return await stage.refused(destinationAsset="DOGE")


async def _cancelled_while_quoting(stage: PathStage, *, also_later: bool = False) -> Placement:
    fault = await stage.world.sandbox.fault("quote", "hold_after")
    placing = asyncio.create_task(stage.place())
    await eventually(lambda: stage.world.sandbox.requests("quote"))
    cancelling = asyncio.create_task(stage.world.baton.cancel(stage.reference))
    handle = stage.world.environment.client.get_workflow_handle(order_workflow_id("default", stage.reference))
    await eventually(handle.fetch_history, _has_two_updates)
    await stage.world.sandbox.remove_fault(fault)
    await asyncio.gather(placing, cancelling, return_exceptions=True)
    if also_later:
        await asyncio.gather(stage.world.baton.cancel(stage.reference), return_exceptions=True)
    return placement_of_snapshot(await stage.world.baton.snapshot(stage.reference))


def _has_two_updates(history: WorkflowHistory) -> bool:
    kinds = [event.WhichOneof("attributes") for event in history.events]
    return kinds.count("workflow_execution_update_accepted_event_attributes") == 2


async def _through(stage: PathStage, scenario: str) -> Placement:
    placed = await stage.place(scenario=scenario)
    await stage.world.deposit_and_report(placed)
    return placed
