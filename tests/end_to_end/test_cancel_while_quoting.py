"""A cancel while an order requests its quote is honoured, or refused in words; it is never dropped."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from temporalio.service import RPCError

from baton.errors import OrderRefused
from baton.orders.models import Attention, Outcome
from baton.orders.names import ATTEND, order_workflow_id
from tests.end_to_end.test_onramps import ONRAMP, recipient_with
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.shared_sandbox import shared_module


@pytest.fixture(autouse=True)
def short_local_patience() -> Iterator[None]:
    """Let an unanswered call leave the workflow's task soon: only then the order takes a cancel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared_module("workflows.support.activity_calls"), "LOCAL_PATIENCE", timedelta(seconds=0.5))
        yield


@asynccontextmanager
async def quoting(world: World, document: dict[str, Any], call: str = "quote") -> AsyncIterator[str]:
    """Place an order whose request Orchestra does not answer until the block ends; yield its reference."""
    reference = document["reference"]
    seen = len(await world.sandbox.requests(call))
    fault = await world.sandbox.fault(call, "hold_after", times=20)
    placing = asyncio.create_task(world.baton.place(document))
    try:
        await eventually(lambda: world.sandbox.requests(call), lambda calls: len(calls) > seen)
        yield reference
    finally:
        await world.sandbox.remove_fault(fault)
        await asyncio.gather(placing, return_exceptions=True)


async def onramp_document(world: World) -> dict[str, Any]:
    """Return an onramp without webhooks before it is paid: one that came first would have the cancel refused."""
    recipient = await recipient_with(world, "onramp_unknown_until_paid")
    return {**ONRAMP, "reference": f"on-{uuid.uuid4().hex[:12]}", "recipientAddress": recipient}


async def test_a_cancel_during_the_quote_request_closes_as_cancelled(world: World) -> None:
    async with quoting(world, world.document()) as reference:
        standing = await asyncio.wait_for(world.baton.cancel(reference), 10)

        assert (standing.outcome, standing.quote_id) == (Outcome.CANCELLED, None)

    assert (await world.baton.wait(reference)).outcome is Outcome.CANCELLED


async def test_a_cancel_during_the_pause_between_requests_closes_at_once(world: World) -> None:
    document = world.document()
    reference = document["reference"]
    await world.sandbox.fault("quote", "error", status=400, code="spot_unavailable")
    placing = asyncio.create_task(world.baton.place(document))
    await eventually(lambda: events_of(world, reference), lambda kinds: "timer_started" in kinds)

    standing = await asyncio.wait_for(world.baton.cancel(reference), 10)

    assert standing.outcome is Outcome.CANCELLED
    with pytest.raises(OrderRefused, match="is closed: cancelled"):
        await placing
    calls = [call for call in await world.sandbox.requests("quote") if f"/{reference}/" in call["idempotencyKey"]]
    assert len(calls) == 1


async def events_of(world: World, reference: str) -> list[str]:
    handle = world.environment.client.get_workflow_handle(order_workflow_id("default", reference))
    try:
        events = (await handle.fetch_history()).events
    except RPCError:
        return []
    return [str(event.WhichOneof("attributes")).removesuffix("_event_attributes") for event in events]


async def test_a_cancel_during_an_onramps_request_waits_for_its_answer(world: World) -> None:
    async with quoting(world, await onramp_document(world), "onramp") as reference:
        cancelling = asyncio.create_task(world.baton.cancel(reference))
        await eventually(lambda: accepted_updates(world, reference), lambda updates: "cancel" in updates)
        assert (await world.baton.snapshot(reference)).outcome is None

    assert (await cancelling).outcome is Outcome.CANCELLED


async def accepted_updates(world: World, reference: str) -> list[str]:
    handle = world.environment.client.get_workflow_handle(order_workflow_id("default", reference))
    events = (await handle.fetch_history()).events
    accepted = [event.workflow_execution_update_accepted_event_attributes for event in events]
    return [update.accepted_request.input.name for update in accepted if update.accepted_request.input.name]


async def test_a_close_by_hand_during_the_quote_request_counts_at_once(world: World) -> None:
    async with quoting(world, world.document()) as reference:
        handle = world.environment.client.get_workflow_handle(order_workflow_id("default", reference))
        now = (await world.baton.snapshot(reference)).opened_at
        await handle.signal(ATTEND, Attention(reason="overdue", message="a test", since=now))
        await eventually(lambda: world.baton.snapshot(reference), lambda snapshot: bool(snapshot.attentions))

        await world.baton.resolve(reference, note="not needed any more", close_as=Outcome.CANCELLED)

        result = await asyncio.wait_for(world.baton.wait(reference), 10)
        assert (result.outcome, result.reason.code) == (Outcome.CANCELLED, "resolved_by_operator")


async def test_a_cancel_is_never_lost_to_a_webhook_that_comes_at_the_same_time(world: World) -> None:
    async def placed_and_cancelled(number: int) -> str:
        placed = await world.baton.place({"reference": f"cancelled-{number}-{uuid.uuid4().hex[:8]}", **ONRAMP})
        try:
            return str((await world.baton.cancel(placed.reference)).outcome)
        except OrderRefused as error:
            return error.code

    # Which of the two comes first is chance, so it takes several rounds to meet the case.
    ends = [end for _ in range(3) for end in await asyncio.gather(*map(placed_and_cancelled, range(12)))]

    assert set(ends) <= {"cancelled", "deposit_known", "order_closed", "not_cancelled"}
