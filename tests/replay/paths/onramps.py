"""Onramps: orders that exist before they are paid."""

from typing import Any

from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from tests.end_to_end.test_onramps import ONRAMP
from tests.eventually import eventually
from tests.replay.registry import PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.COMPLETED)
async def onramp_paid(stage: PathStage) -> Placement:
    placed = await _placed(stage)
    await stage.world.sandbox.deposit(placed.quote_id)
    return placed


@PATHS.ending(Outcome.EXPIRED)
async def onramp_unpaid(stage: PathStage) -> Placement:
    placed = await _placed(stage)
    await stage.world.until(placed, phase=Phase.TRACKING)
    await stage.world.sandbox.advance(placed.order_id, "expired")
    await stage.world.pass_expiry(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def onramp_ordered_anew(stage: PathStage) -> Placement:
    placed = await _placed(stage, policy={"onQuoteExpiry": "requote"})
    await stage.world.until(placed, phase=Phase.TRACKING)
    await stage.world.sandbox.advance(placed.order_id, "expired")
    await stage.world.baton.refresh(placed.reference)
    snapshot = await eventually(lambda: stage.world.snapshot(placed), lambda order: len(order.quotes) == 2)
    await stage.world.sandbox.deposit(snapshot.quotes[-1].quote_id)
    return placed


@PATHS.ending(Outcome.FAILED)
async def onramp_refused_for_its_region(stage: PathStage) -> Placement:
    return await stage.world.refused({**ONRAMP, "reference": stage.reference, "payerRegion": "US-NY-NYC"})


async def _placed(stage: PathStage, **fields: Any) -> Placement:
    return await stage.world.baton.place({**ONRAMP, "reference": stage.reference, **fields})
