"""Refunds that do not go smoothly, each followed by a workflow of its own."""

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from baton.orchestra.lifecycle import Status
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.names import refund_workflow_id
from tests.eventually import eventually
from tests.replay.registry import OPEN, Paths, Stage
from tests.replay.runs import has_timer

PATHS = Paths()


@PATHS.ending(Outcome.REFUNDED, refund="refunded")
async def refund_overdue(stage: Stage) -> Placement:
    """The refund's own clock runs out, twice; a person is told, and then it is made after all."""
    placed = await _refunding(stage)
    for hours in (13, 7):
        await stage.world.environment.fast_forward(_refund_of(stage, placed), timedelta(hours=hours))
    await stage.until(placed, lambda seen: seen.attention is not None)
    await stage.move(placed, status=Status.REFUNDED)
    return placed


@PATHS.ending(Outcome.REFUNDED, refund="refunded")
async def refund_without_transaction(stage: Stage) -> Placement:
    placed = await stage.place(scenario="refund_without_tx")
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.REFUNDED, refund="refunded")
async def refund_held_for_review(stage: Stage) -> Placement:
    """The refund is told twice, and what lies between is handed on."""
    placed = await stage.place(scenario="refund_paused")
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.REFUNDED, refund="workflow_execution_terminated")
async def refund_workflow_terminated(stage: Stage) -> Placement:
    """An operator ends the refund's workflow; the order goes on."""
    placed = await _refunding(stage)
    await _refund_of(stage, placed).terminate()
    await stage.move(placed, status=Status.REFUNDED)
    return placed


@PATHS.ending(OPEN, refund=OPEN)
async def open_refunding(stage: Stage) -> Placement:
    return await _refunding(stage)


async def _refunding(stage: Stage) -> Placement:
    """Lead the order into its refund, until the refund's workflow waits."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.move(placed, status=Status.REFUNDING)
    await stage.world.until(placed, status="refunding")
    await eventually(lambda: has_timer(_refund_of(stage, placed)))
    return placed


def _refund_of(stage: Stage, placed: Placement) -> WorkflowHandle[Any, Any]:
    return stage.world.environment.client.get_workflow_handle(refund_workflow_id(placed.workflow_id))
