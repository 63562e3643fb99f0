"""An order that was refused before anybody could pay frees its reference; no other end does."""

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from baton.client import BatonClient
from baton.errors import OrderRefused
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from baton.orders.names import order_workflow_id
from tests.end_to_end.world import World
from tests.eventually import eventually


async def refused(world: World, document: dict[str, Any]) -> OrderRefused:
    with pytest.raises(OrderRefused) as caught:
        await world.baton.place(document)
    return caught.value


async def with_a_typo(world: World) -> dict[str, Any]:
    """Return the right document of an order that was refused for a typo."""
    document = world.document()
    await refused(world, {**document, "destinationAsset": "DOGE"})
    return document


async def quote_calls(world: World, reference: str) -> list[dict[str, Any]]:
    return [call for call in await world.sandbox.requests("quote") if f"/{reference}/" in call["idempotencyKey"]]


async def test_an_order_that_is_refused_says_why_everywhere(world: World) -> None:
    document = world.document(destinationAsset="DOGE")

    error = await refused(world, document)

    assert (error.code, error.standing.phase, error.standing.outcome) == (
        "unsupported_route",
        Phase.CLOSED,
        Outcome.FAILED,
    )
    assert error.remedy == "correct the order and place it again, under the same reference if you like"
    reference = document["reference"]
    snapshot = await world.baton.snapshot(reference)
    result = await world.baton.wait(reference)
    watched = [seen async for seen in world.baton.watch(reference)]
    assert snapshot.reason.message in error.message
    assert (snapshot.deposit_address, snapshot.interrupted) == (None, None)
    assert (result.outcome, result.reason, result.reference) == (Outcome.FAILED, snapshot.reason, reference)
    assert watched == [snapshot]
    with pytest.raises(OrderRefused, match="the order is closed: failed"):
        await world.baton.cancel(reference)


async def test_an_order_that_is_refused_is_a_failed_workflow(world: World) -> None:
    document = world.document(destinationAsset="DOGE")
    await refused(world, document)
    handle = world.environment.client.get_workflow_handle(order_workflow_id("default", document["reference"]))

    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()

    failure = failed.value.cause
    assert isinstance(failure, ApplicationError)
    assert (failure.type, failure.details[0]) == ("order_refused", "unsupported_route")
    assert failure.details[1] in failure.message
    assert (await handle.describe()).status is WorkflowExecutionStatus.FAILED


async def test_a_typo_in_a_first_order_does_not_burn_its_reference(world: World) -> None:
    document = await with_a_typo(world)

    placed = await world.baton.place(document)

    assert (placed.reference, placed.phase) == (document["reference"], Phase.AWAITING_DEPOSIT)
    await world.deposit_and_report(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    rows = await world.ledger.transitions(placed.workflow_id)
    assert "completed" in [row.status for row in rows]


async def test_the_same_request_after_a_refusal_is_requested_again(world: World) -> None:
    document = world.document()
    await world.sandbox.fault("quote", "error", status=400, code="amount_too_small")
    assert (await refused(world, document)).code == "amount_too_small"

    placed = await world.baton.place(document)

    assert placed.deposit_address
    assert await world.baton.place(document) == placed.model_copy(update={"replayed": True})
    keys = [call["idempotencyKey"] for call in await quote_calls(world, placed.reference)]
    assert len(keys) == len(set(keys)) == 2


async def test_an_order_can_be_refused_again_and_again(world: World) -> None:
    document = await with_a_typo(world)
    for asset in ("DOGE", "PEPE", "DOGE"):
        assert (await refused(world, {**document, "destinationAsset": asset})).code == "unsupported_route"

    assert (await world.baton.place(document)).deposit_address


async def test_two_placers_after_a_refusal_make_one_order(world: World) -> None:
    document = await with_a_typo(world)
    other = BatonClient(world.environment.client)
    documents = [document, {**document, "amount": "200000000"}] * 4

    answers = await asyncio.gather(
        *[client.place(each) for each in documents for client in (world.baton, other)], return_exceptions=True
    )

    placed = [answer for answer in answers if isinstance(answer, Placement)]
    conflicts = [answer for answer in answers if not isinstance(answer, Placement)]
    assert len({placement.quote_id for placement in placed}) == 1
    assert len(placed) == len(conflicts) == 8
    assert {getattr(conflict, "code", conflict) for conflict in conflicts} == {"reference_conflict"}


async def test_a_quote_and_no_payment_keeps_the_reference(world: World) -> None:
    document = world.document()
    placed = await world.baton.place(document)
    await world.baton.cancel(placed.reference)

    assert (await refused(world, document)).code == "order_closed"
    assert (await refused(world, {**document, "amount": "1"})).code == "reference_conflict"


async def test_a_run_that_was_terminated_after_a_refusal_is_not_replaced(world: World) -> None:
    document = await with_a_typo(world)
    placed = await world.baton.place(document)
    await world.handle(placed).terminate()

    for again in (document, {**document, "amount": "200000000"}):
        assert (await refused(world, again)).code == "order_broken"
    assert (await world.handle(placed).describe()).status is WorkflowExecutionStatus.TERMINATED


async def test_a_list_has_one_line_for_an_order_placed_again(world: World) -> None:
    placed = await world.baton.place(await with_a_typo(world))

    async def lines() -> list[Any]:
        listed = await world.baton.list_orders(limit=500)
        return [line for line in listed if line.reference == placed.reference]

    listed = await eventually(lines, lambda found: [line.phase for line in found] == ["awaiting_deposit"])
    assert [(line.outcome, line.interrupted) for line in listed] == [(None, None)]
