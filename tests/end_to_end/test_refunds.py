"""A refund is an outcome of its own, tracked by its own workflow, and reported with its real amounts."""

import pytest

from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.names import refund_workflow_id
from tests.end_to_end.world import World
from tests.eventually import eventually
from workflows.refund import RefundWorkflow


async def refunding(world: World, *, reference: str | None = None, **fields: str) -> tuple[Placement, Snapshot]:
    """Return an order in `refunding`."""
    named = {"reference": reference} if reference else {}
    placed = await world.place(scenario="stepped", **named)
    await world.deposit_and_report(placed)
    snapshot = await world.until(placed, status="processing")
    cause = {"errorCode": "slippage_exceeded", "errorMessage": "Pool moved past slippage tolerance", **fields}
    await world.sandbox.advance(snapshot.order_id, "refunding", **cause)
    return placed, await world.until(placed, status="refunding")


def refund_of(world: World, placed: Placement):
    return world.environment.client.get_workflow_handle_for(RefundWorkflow.run, refund_workflow_id(placed.workflow_id))


async def test_a_refund_is_reported_with_amount_transaction_and_cause(world: World) -> None:
    placed, snapshot = await refunding(world)
    done = {"refundAsset": "USDC", "refundAmount": "100000000", "refundTxHash": "0xrefund"}
    await world.sandbox.advance(snapshot.order_id, "refunded", **done)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.REFUNDED
    assert result.reason.code == "slippage_exceeded"
    report = await refund_of(world, placed).result()
    assert (report.amount, report.tx_hash, report.short) == (100_000_000, "0xrefund", False)
    assert report.cause.message == "Pool moved past slippage tolerance"
    assert (await world.snapshot(placed)).attention is None


async def test_operators_see_an_open_refund_and_its_end(world: World) -> None:
    placed, snapshot = await refunding(world)

    def shows(text: str):
        return eventually(
            lambda: world.details(refund_workflow_id(placed.workflow_id)), lambda details: text in details
        )

    details = await shows("| **status** | refunding |")
    assert "| **why** | slippage_exceeded: Pool moved past slippage tolerance |" in details
    assert "| **who decides** | Orchestra |" in details
    await world.sandbox.advance(snapshot.order_id, "refunded", refundTxHash="0xrefund")
    assert "| **status** | refunded |" in await shows("[0xrefund](https://basescan.org/tx/0xrefund)")


async def test_a_refund_smaller_than_the_deposit_is_reported_as_short(world: World) -> None:
    placed, snapshot = await refunding(world)
    done = {"refundAsset": "USDC", "refundAmount": "99000000", "refundTxHash": "0xrefund"}
    await world.sandbox.advance(snapshot.order_id, "refunded", **done)
    await world.baton.wait(placed.reference)

    refund = (await world.snapshot(placed)).refund

    assert (refund["amount"], refund["deposited"], refund["short"]) == ("99000000", "100000000", True)


async def test_a_refund_without_a_transaction_raises_attention(world: World) -> None:
    placed, snapshot = await refunding(world)
    await world.sandbox.advance(snapshot.order_id, "refunded", refundTxHash=None)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.REFUNDED
    assert (await world.snapshot(placed)).attention.reason == "refund_without_transaction"


async def test_a_refund_that_takes_too_long_raises_attention(world: World) -> None:
    placed, snapshot = await refunding(world)
    refund = refund_of(world, placed)
    await eventually(lambda: running(refund))

    await world.environment.fast_forward(refund, 13 * 3600)

    snapshot = await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.attention is not None)
    assert snapshot.attention.reason == "refund_overdue"
    assert snapshot.phase is Phase.TRACKING
    await world.sandbox.advance(snapshot.order_id, "failed", errorCode="delivery_failed")
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.FAILED


async def running(handle) -> bool:
    return (await handle.describe()).status.name == "RUNNING"


async def test_terminating_the_refund_workflow_does_not_end_the_order(world: World) -> None:
    placed, snapshot = await refunding(world)
    await eventually(lambda: running(refund_of(world, placed)))
    await refund_of(world, placed).terminate()

    await world.sandbox.advance(snapshot.order_id, "refunded", refundTxHash="0xrefund")

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.REFUNDED


@pytest.mark.parametrize("scenario", ["refunded", "refund_failed"])
async def test_a_refund_without_pauses_ends_as_orchestra_says(world: World, scenario: str) -> None:
    placed = await world.place(scenario=scenario)
    await world.deposit_and_report(placed)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is (Outcome.REFUNDED if scenario == "refunded" else Outcome.FAILED)
