"""An order has one present status, even if the times of webhooks and reads disagree."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.names import OBSERVE
from tests.end_to_end.world import World
from tests.eventually import eventually


@dataclass(frozen=True)
class Tracked:
    """An order in `processing`, and since when in Orchestra's time: other tests may have moved its clock."""

    placed: Placement
    order_id: str
    since: datetime

    def webhook(self, status: str, *, minutes: float, **fields: Any) -> dict[str, Any]:
        """Return the envelope of a webhook dated so many minutes after the order's last change."""
        at = self.since + timedelta(minutes=minutes)
        record = {"id": self.order_id, "status": status, "updatedAt": at.isoformat(), **fields}
        return {"source": "webhook", "event": f"order.{status}", "record": record}


async def tracked(world: World) -> Tracked:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    snapshot = await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.updated_at is not None)
    assert snapshot.order_id is not None
    assert snapshot.updated_at is not None
    return Tracked(placed, snapshot.order_id, snapshot.updated_at)


async def reads_of(world: World, order_id: str) -> int:
    return sum(order_id in str(call) for call in await world.sandbox.requests("status"))


async def test_a_read_of_the_end_counts_even_if_a_webhook_is_dated_later(world: World) -> None:
    order = await tracked(world)
    placed, order_id = order.placed, order.order_id
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await world.handle(placed).signal(OBSERVE, order.webhook("delivering", minutes=10))
    await world.until(placed, status="delivering")
    for _ in range(4):
        await world.sandbox.advance(order_id)
    before = await reads_of(world, order_id)

    await world.advance(placed, seconds=130)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert await reads_of(world, order_id) - before <= 2


async def test_a_webhook_of_the_end_that_is_dated_too_early_is_settled_by_a_read(world: World) -> None:
    order = await tracked(world)
    placed = order.placed
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await world.handle(placed).signal(OBSERVE, order.webhook("delivering", minutes=10))
    await world.until(placed, status="delivering")
    for _ in range(4):
        await world.sandbox.advance(order.order_id)

    await world.handle(placed).signal(OBSERVE, order.webhook("completed", minutes=5))

    async with asyncio.timeout(20):  # long before the next poll
        assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_refunded_and_refunding_at_the_same_time_close_as_refunded(world: World) -> None:
    order = await tracked(world)
    placed = order.placed
    refunded = order.webhook("refunded", minutes=1, refundTxHash="0xback", refundAmount="100000000")
    refunding = {**refunded, "event": "order.refunding", "record": {**refunded["record"], "status": "refunding"}}

    await world.handle(placed).signal(OBSERVE, [refunded, refunding])

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.REFUNDED


async def test_a_webhook_without_a_time_is_settled_by_one_read(world: World) -> None:
    order = await tracked(world)
    placed, order_id = order.placed, order.order_id
    before = await reads_of(world, order_id)
    timeless = order.webhook("bridging", minutes=0)
    del timeless["record"]["updatedAt"]

    await world.handle(placed).signal(OBSERVE, timeless)

    await eventually(lambda: reads_of(world, order_id), lambda count: count == before + 1)
    assert (await world.snapshot(placed)).status == "processing"


async def test_a_refund_that_skipped_refunding_must_name_its_transaction(world: World) -> None:
    order = await tracked(world)
    placed, order_id = order.placed, order.order_id
    await world.sandbox.advance(order_id, "refunded", refundTxHash=None)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.REFUNDED
    attention = (await world.snapshot(placed)).attention
    assert attention is not None
    assert attention.reason == "refund_without_transaction"


async def test_an_order_that_ended_before_our_submit_has_its_amounts(world: World) -> None:
    placed = await world.place()
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    proof = await world.deposit(placed, detect=True)

    async def completed() -> bool:
        orders = await world.sandbox.orders()
        return any(each["quoteId"] == placed.quote_id and each["status"] == "completed" for each in orders)

    await eventually(completed, bool)

    await world.baton.report_deposit(placed.reference, proof)
    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.COMPLETED
    assert result.amount_out is not None
    assert (await world.snapshot(placed)).spark_tx_hash


async def test_a_completed_order_gives_no_old_error_as_its_reason(world: World) -> None:
    order = await tracked(world)
    placed = order.placed
    error = {"errorCode": "slippage_exceeded", "errorMessage": "tried again at another price"}
    await world.handle(placed).signal(OBSERVE, order.webhook("swapping", minutes=1, **error))
    await world.until(placed, status="swapping")
    await world.handle(placed).signal(OBSERVE, order.webhook("completed", minutes=2))

    result = await world.baton.wait(placed.reference)

    assert (result.outcome, result.reason) == (Outcome.COMPLETED, None)
