"""Who tracks an order is judged by Temporal: no row of the read model, right or wrong, loses an order or doubles it."""

import asyncio
import gc
import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from baton.errors import OrderUnknown
from baton.ledger.rows import OrderRow
from baton.orchestra.proofs import DepositProof
from baton.orchestra.webhooks import signed_headers
from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.names import adopted_reference, follow_up_reference, order_workflow_id
from baton.orders.record import order_row
from baton.recovery import keeper
from tests.end_to_end.test_onramps import onramp, recipient_with
from tests.end_to_end.world import SECRET, World
from tests.eventually import eventually
from tests.http import http_client


async def started(world: World, reference: str) -> Snapshot:
    """Wait until an order of this reference exists; return its snapshot."""
    await existing(world, reference)
    return await world.baton.snapshot(reference)


async def existing(world: World, reference: str) -> None:
    """Wait until Temporal knows an order, without a query that would disturb its first task."""
    order = world.environment.client.get_workflow_handle(order_workflow_id("default", reference))

    async def exists() -> bool:
        return not await unknown_to_temporal(order)

    await eventually(exists)


async def unknown_to_temporal(order: WorkflowHandle[Any, Any]) -> bool:
    try:
        await order.describe()
    except RPCError as error:
        return error.status is RPCStatusCode.NOT_FOUND
    return False


async def followed(world: World, placed: Placement) -> Snapshot:
    """Wait until the follow-up of an order has ended; return its snapshot."""
    reference = follow_up_reference(placed.reference)
    await existing(world, reference)
    await world.baton.wait(reference)
    return await world.baton.snapshot(reference)


async def expired(world: World, **fields: Any) -> Placement:
    placed = await world.place(policy={"onQuoteExpiry": "expire"}, **fields)
    await world.pass_expiry(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED
    return placed


async def lost(world: World, placed: Placement) -> None:
    """Make Temporal lose an open order's workflow, as if its data were gone, once the ledger knows it by its quote."""
    await eventually(lambda: world.ledger.find_workflow(placed.account, quote_id=placed.quote_id))
    await world.handle(placed).terminate("lost")
    await forgotten(world, placed)


async def forgotten(world: World, placed: Placement) -> None:
    """Make Temporal forget a closed workflow, as it does after its retention."""
    await world.environment.client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace="default", workflow_execution=WorkflowExecution(workflow_id=placed.workflow_id)
        )
    )

    # Temporal deletes in the background, and takes its time.
    await eventually(lambda: unknown_to_temporal(world.handle(placed)), within=60)


async def deliver(world: World, order_id: str, **data: Any) -> httpx.Response:
    """Deliver a genuine webhook of an order that is being processed."""
    now = datetime.now(UTC)
    record = {"id": order_id, "type": "order", "status": "processing", "updatedAt": now.isoformat(), **data}
    request = httpx.Request("POST", "http://gateway", json={"event": "order.processing", "data": record})
    headers = signed_headers(SECRET, int(now.timestamp() * 1000), request.content)
    async with http_client() as http:
        return await http.post(
            f"{world.gateway_url}/webhooks/orchestra/default", content=request.content, headers=headers
        )


async def submits_of(world: World, proof: DepositProof) -> list[dict[str, Any]]:
    return [call for call in await world.sandbox.requests("submit") if call["body"].get("txHash") == proof.tx_hash]


async def row_of(world: World, placed: Placement, **changes: Any) -> OrderRow:
    row = order_row(await world.snapshot(placed))
    return row.model_copy(update={"revision": row.revision + 1, **changes})


async def test_a_row_that_missed_the_end_keeps_no_money_from_its_follow_up(world: World) -> None:
    placed = await expired(world)
    await world.ledger.write_order(await row_of(world, placed, phase="awaiting_deposit", outcome=None), [])

    await world.deposit(placed, detect=True)

    assert (await followed(world, placed)).outcome is Outcome.COMPLETED


async def test_a_row_that_says_completed_keeps_no_money_from_its_follow_up(world: World) -> None:
    placed = await expired(world)
    wrong = await row_of(world, placed, outcome="completed", status="completed", order_id="ord_of_another")
    await world.ledger.write_order(wrong, [])

    await world.deposit(placed, detect=True)

    assert (await followed(world, placed)).outcome is Outcome.COMPLETED


async def test_orders_that_expire_while_the_ledger_is_locked_are_followed(world: World) -> None:
    placed = await asyncio.gather(*(world.place(policy={"onQuoteExpiry": "expire"}) for _ in range(5)))
    with closing(sqlite3.connect(world.ledger_file, isolation_level=None, timeout=30)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        await asyncio.gather(*(world.pass_expiry(order) for order in placed))
        await asyncio.gather(*(world.until(order, outcome=Outcome.EXPIRED) for order in placed))
        lock.execute("ROLLBACK")
    await asyncio.gather(*(world.baton.wait(order.reference) for order in placed))

    for order in placed:
        await world.deposit(order, detect=True)

    late = await asyncio.gather(*(followed(world, order) for order in placed))
    assert [snapshot.outcome for snapshot in late] == [Outcome.COMPLETED] * 5


async def test_money_for_a_terminated_order_is_followed_with_attention(world: World) -> None:
    placed = await world.place()
    await world.handle(placed).terminate("by mistake")

    await world.deposit(placed, detect=True)

    late = await followed(world, placed)
    assert late.outcome is Outcome.COMPLETED
    assert [attention.reason for attention in late.attentions] == ["order_terminated"]
    assert [line.quote_id for line in late.quotes] == [placed.quote_id]


async def test_twenty_terminated_orders_are_each_tracked_again_with_attention(world: World) -> None:
    placed = await asyncio.gather(*(world.place(scenario="stepped") for _ in range(20)))
    await asyncio.gather(*(world.deposit_and_report(order) for order in placed))
    await asyncio.gather(*(world.until(order, phase=Phase.TRACKING) for order in placed))
    await asyncio.gather(*(world.handle(order).terminate("by mistake") for order in placed))

    for order in placed:
        await world.sandbox.advance(str(order.quote_id))

    late = await asyncio.gather(*(started(world, follow_up_reference(order.reference)) for order in placed))
    assert [snapshot.phase for snapshot in late] == [Phase.TRACKING] * 20
    assert [[attention.reason for attention in snapshot.attentions] for snapshot in late] == [["order_terminated"]] * 20


async def test_an_order_that_temporal_lost_goes_on_with_its_own_policy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Or the worker may find the order while it is terminated and not deleted yet, which is another reason to attend.
    monkeypatch.setattr(keeper, "STOPPED_INTERVAL", timedelta(hours=1))
    placed = await world.place(policy={"zeroconf": {"mode": "lapse"}})
    await lost(world, placed)

    await world.deposit(placed, detect=True)

    late = await followed(world, placed)
    assert late.outcome is Outcome.COMPLETED
    assert [attention.reason for attention in late.attentions] == ["order_lost"]
    assert late.policy.zeroconf is not None
    assert late.policy.zeroconf.mode == "lapse"


async def test_an_order_that_only_the_index_knows_is_adopted_with_attention(world: World) -> None:
    order_id = f"ord_{datetime.now(UTC).timestamp():.6f}"
    await world.ledger.index_order("default", order_id, "order/default/gone-everywhere")

    assert (await deliver(world, order_id)).json() == {"status": "adopted"}

    adopted = await started(world, adopted_reference(order_id))
    assert [attention.reason for attention in adopted.attentions] == ["order_lost"]


async def test_a_business_may_own_what_used_to_be_the_follow_ups_name(world: World) -> None:
    placed = await world.place(policy={"onQuoteExpiry": "expire"})
    other = await world.place(reference=f"{placed.reference}.late", amount="555000000")
    await world.pass_expiry(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED

    await world.deposit(placed, detect=True)

    assert (await followed(world, placed)).outcome is Outcome.COMPLETED
    assert (await world.snapshot(other)).order_id is None


async def test_late_money_is_followed_under_the_policy_of_its_order(world: World) -> None:
    placed = await world.place(policy={"onQuoteExpiry": "expire", "maxRequotes": 7, "zeroconf": {"mode": "lapse"}})
    await world.pass_expiry(placed)
    await world.baton.wait(placed.reference)

    await world.deposit(placed, detect=True)

    late = await followed(world, placed)
    assert late.kind == "swap"
    assert late.policy.max_requotes == 7
    assert late.policy.zeroconf is not None
    assert late.policy.zeroconf.mode == "lapse"
    assert late.recipient_address == world.document()["recipientAddress"]


async def test_a_webhook_without_a_quote_reaches_the_order_of_its_address(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    proof = await world.deposit(placed, detect=True)
    order_id = await order_of(world, placed)

    source = {"chain": "base", "asset": "USDC", "txHash": proof.tx_hash}
    response = await deliver(world, order_id, quoteId=None, depositAddress=placed.deposit_address, source=source)

    assert response.json() == {"status": "handed_over"}
    assert (await world.until(placed, phase=Phase.TRACKING)).order_id == order_id
    with pytest.raises(OrderUnknown):
        await world.baton.snapshot(adopted_reference(order_id))


async def test_an_order_adopted_before_its_submit_was_answered_is_taken_over(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    proof = await world.deposit(placed, detect=True)
    order_id = await order_of(world, placed)
    assert (await deliver(world, order_id, quoteId=None)).json() == {"status": "adopted"}

    await world.baton.report_deposit(placed.reference, proof)

    assert (await world.baton.wait(adopted_reference(order_id))).outcome is Outcome.SUPERSEDED
    assert (await world.until(placed, phase=Phase.TRACKING)).order_id == order_id
    assert await world.ledger.find_workflow("default", order_id=order_id) == placed.workflow_id


async def test_an_onramp_adopted_while_its_answers_were_lost_is_taken_over(world: World) -> None:
    recipient = await recipient_with(world, "stepped")
    fault = await world.sandbox.fault("onramp", "reset", times=100)
    placing = asyncio.create_task(onramp(world, recipientAddress=recipient))
    orders = await eventually(lambda: orders_to(world, recipient))
    order_id = str(orders[0]["id"])
    assert (await deliver(world, order_id, quoteId=None)).json() == {"status": "adopted"}

    await world.sandbox.remove_fault(fault)
    placed = await placing

    assert (await world.baton.wait(adopted_reference(order_id))).outcome is Outcome.SUPERSEDED
    assert (await world.until(placed, phase=Phase.TRACKING)).order_id == order_id
    assert await world.ledger.find_workflow("default", order_id=order_id) == placed.workflow_id
    assert len(await orders_to(world, recipient)) == 1


async def orders_to(world: World, recipient: str) -> list[dict[str, Any]]:
    """Return the orders that Orchestra has made for a recipient."""
    return [order for order in await world.sandbox.orders() if order["recipientAddress"] == recipient]


async def order_of(world: World, placed: Placement) -> str:
    """Wait until Orchestra has made the order of a deposit; return its id."""
    orders = await eventually(
        world.sandbox.orders, lambda orders: any(order["quoteId"] == placed.quote_id for order in orders)
    )
    return str(next(order["id"] for order in orders if order["quoteId"] == placed.quote_id))


async def test_a_reference_used_again_ignores_the_webhooks_of_its_past(world: World) -> None:
    first = await world.place()
    await world.deposit_and_report(first)
    ended = await world.baton.wait(first.reference)
    await forgotten(world, first)

    document = world.document(reference=first.reference, amount="555000000")
    # Orchestra still has the first order's idempotency key; the refusal frees the reference and its keys.
    await world.refused(document)
    again = await world.baton.place(document)
    response = await deliver(world, str(ended.order_id), status="completed", quoteId=first.quote_id)

    assert response.json() == {"status": "handed_over"}
    now = await eventually(lambda: world.snapshot(again), lambda snapshot: snapshot.anomalies)
    assert (now.phase, now.order_id) == (Phase.AWAITING_DEPOSIT, None)
    assert [anomaly.kind for anomaly in now.anomalies] == ["other_order"]
    row = await eventually(lambda: world.ledger.order(first.workflow_id), lambda row: row and row.outcome is None)
    assert row is not None
    assert row.quote_id == again.quote_id


# -- a deposit that the business reports after the order's own end


async def cancelled(world: World) -> Placement:
    placed = await world.place()
    await world.baton.cancel(placed.reference)
    return placed


async def terminated(world: World) -> Placement:
    placed = await world.place()
    await world.handle(placed).terminate("by mistake")
    return placed


@pytest.mark.parametrize("end", [expired, cancelled, terminated])
async def test_a_deposit_reported_after_the_orders_own_end_is_submitted(
    world: World, end: Callable[[World], Awaitable[Placement]]
) -> None:
    placed = await end(world)
    proof = await world.deposit(placed, detect=False)

    standing = await world.baton.report_deposit(placed.reference, proof)
    again = await world.baton.report_deposit(placed.reference, proof)

    reference = follow_up_reference(placed.reference)
    assert (standing.followed_by, again.followed_by) == (reference, reference)
    assert (await followed(world, placed)).outcome is Outcome.COMPLETED
    assert len(await submits_of(world, proof)) == 1


async def test_a_report_repeated_after_its_follow_up_was_terminated_counts(world: World) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)
    proof = DepositProof(tx_hash="0x" + secrets.token_hex(32))
    first = await world.baton.report_deposit(placed.reference, proof)
    await eventually(lambda: submits_of(world, proof))
    follow_up = order_workflow_id(placed.account, str(first.followed_by))
    await world.environment.client.get_workflow_handle(follow_up).terminate("by mistake")

    await world.deposit(placed, detect=False, txHash=proof.tx_hash)
    again = await world.baton.report_deposit(placed.reference, proof)

    assert again.followed_by == follow_up_reference(str(first.followed_by))
    assert (await world.baton.wait(again.followed_by)).outcome is Outcome.COMPLETED


async def test_a_report_after_its_follow_up_ended_leaves_no_error_behind(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)
    proof = await world.deposit_and_report(placed, detect=False)
    await followed(world, placed)

    await world.baton.report_deposit(placed.reference, proof)

    gc.collect()
    assert "never retrieved" not in caplog.text
