"""Refunds with problems, each tracked by a workflow of its own."""

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from baton.orchestra.lifecycle import Status
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.names import refund_workflow_id
from tests.eventually import eventually
from tests.replay.registry import OPEN, PathRegistry, PathStage
from tests.replay.runs import has_timer

PATHS = PathRegistry()


@PATHS.ending(Outcome.REFUNDED, refund="refunded")
async def refund_overdue(stage: PathStage) -> Placement:
    """The refund is overdue twice, attention is raised, and then the refund is made."""
    placed = await _refunding(stage)
    for hours in (13, 7):
        await stage.world.environment.fast_forward(_refund_of(stage, placed), timedelta(hours=hours))
    await stage.until(placed, lambda snapshot: snapshot.attention is not None)
    await stage.move(placed, status=Status.REFUNDED)
    return placed


@PATHS.ending(Outcome.REFUNDED, refund="refunded")
async def refund_without_transaction(stage: PathStage) -> Placement:
    placed = await stage.place(scenario="refund_without_tx")
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.REFUNDED, refund="refunded", attention="resolved")
async def attention_resolved_after_the_end(stage: PathStage) -> Placement:
    """The order closes with an open reason, which an operator resolves later."""
    placed = await stage.place(scenario="refund_without_tx")
    await stage.world.deposit_and_report(placed)
    await stage.world.baton.wait(placed.reference)
    await stage.world.baton.resolve(placed.reference, note="Orchestra's support named the transaction")
    return placed


@PATHS.ending(Outcome.REFUNDED, refund="refunded")
async def refund_held_for_review(stage: PathStage) -> Placement:
    """The refund is reported twice, and the statuses in between are passed on."""
    placed = await stage.place(scenario="refund_paused")
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.REFUNDED, refund="workflow_execution_terminated")
async def refund_workflow_terminated(stage: PathStage) -> Placement:
    """An operator terminates the refund workflow; the order continues."""
    placed = await _refunding(stage)
    await _refund_of(stage, placed).terminate()
    await stage.move(placed, status=Status.REFUNDED)
    return placed


@PATHS.ending(OPEN, refund=OPEN)
async def open_refunding(stage: PathStage) -> Placement:
    return await _refunding(stage)


async def _refunding(stage: PathStage) -> Placement:
    """Return an order in its refund, whose workflow waits."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.move(placed, status=Status.REFUNDING)
    await stage.world.until(placed, status="refunding")
    await eventually(lambda: has_timer(_refund_of(stage, placed)))
    return placed


def _refund_of(stage: PathStage, placed: Placement) -> WorkflowHandle[Any, Any]:
    return stage.world.environment.client.get_workflow_handle(refund_workflow_id(placed.workflow_id))
