"""Repricings, and attention that operators resolve."""

from typing import Any

from baton.gateway.ops.fitting import money_ids
from baton.orchestra.rules.reprice import RepriceAction
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.reports import RepriceDecision
from tests.replay.registry import OPEN, PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.COMPLETED)
async def repricing_approved_by_policy(stage: PathStage) -> Placement:
    return await _asked(stage, mode="approve", maxLossBps=500)


@PATHS.ending(Outcome.FAILED)
async def repricing_rejected_by_the_business(stage: PathStage) -> Placement:
    placed = await _asked(stage)
    await stage.world.until(placed, status="awaiting_approval")
    await stage.world.baton.decide_reprice(placed.reference, RepriceDecision(action=RepriceAction.REJECT))
    return placed


@PATHS.ending(OPEN)
async def open_repricing(stage: PathStage) -> Placement:
    """The business is asked and has not answered."""
    placed = await _asked(stage)
    await stage.until_recorded(placed, "awaiting_approval")
    return placed


@PATHS.ending(Outcome.REFUNDED)
async def closed_by_an_operator(stage: PathStage) -> Placement:
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.world.advance(placed, hours=2)
    await stage.until(placed, lambda snapshot: snapshot.attention is not None)
    known = money_ids(await stage.world.snapshot(placed))
    await stage.world.baton.resolve(
        placed.reference, note="paid back by hand", close_as=Outcome.REFUNDED, despite=known
    )
    return placed


async def _asked(stage: PathStage, **policy: Any) -> Placement:
    fields = {"policy": {"reprice": policy}} if policy else {}
    placed = await stage.place(scenario="reprice_pending", **fields)
    await stage.world.deposit_and_report(placed)
    return placed
