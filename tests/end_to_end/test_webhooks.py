"""Lost, duplicate or shuffled webhooks lead to the same end and the same transitions."""

import pytest

from baton.orchestra.lifecycle import Status
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from tests.end_to_end.world import World
from tests.eventually import eventually

WAY = ["processing", "bridging", "swapping", "delivering", "completed"]


async def until_status(world: World, placed: Placement, status: str) -> None:
    await world.until(placed, status=status)


async def test_without_webhooks_polls_find_the_same_transitions(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await world.deposit_and_report(placed)
    snapshot = await world.until(placed, status="processing")

    for status in WAY[1:]:
        await world.sandbox.advance(snapshot.order_id)
        await world.advance(placed, seconds=90)
        await until_status(world, placed, status)

    result = await world.baton.wait(placed.reference)
    assert result.outcome is Outcome.COMPLETED
    assert await world.statuses(placed) == WAY


@pytest.mark.parametrize("seed", range(5))
async def test_duplicate_shuffled_webhooks_give_the_same_transitions(world: World, seed: int) -> None:
    placed = await world.place()
    await world.sandbox.hold_webhooks(quoteId=placed.quote_id)
    await world.deposit_and_report(placed)
    await eventually(world.sandbox.orders, lambda orders: ended(orders, placed))
    await world.sandbox.release_webhooks("shuffled", copies=2, seed=seed)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.COMPLETED
    assert await eventually(lambda: world.statuses(placed), lambda transitions: transitions == WAY) == WAY


def ended(orders: list[dict], placed: Placement) -> bool:
    return any(order["quoteId"] == placed.quote_id and order["status"] == "completed" for order in orders)


async def test_while_webhooks_flow_nothing_is_read(world: World) -> None:
    placed = await world.place()
    await world.deposit_and_report(placed)
    result = await world.baton.wait(placed.reference)

    reads = [*await world.sandbox.requests("status"), *await world.sandbox.requests("order")]
    assert [read for read in reads if result.order_id in str(read) or placed.quote_id in str(read)] == []


async def test_a_webhook_that_claims_a_forbidden_move_is_settled_by_one_read(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    snapshot = await world.until(placed, status="processing")
    await world.sandbox.advance(snapshot.order_id, Status.REFUNDING)
    await until_status(world, placed, "refunding")

    forged = {"id": snapshot.order_id, "status": "bridging", "updatedAt": "2100-01-01T00:00:00.000Z"}
    await world.handle(placed).signal("observe", {"source": "webhook", "event": "order.bridging", "record": forged})

    async def reads() -> list[dict]:
        return [read for read in await world.sandbox.requests("status") if snapshot.order_id in str(read)]

    await eventually(reads)
    snapshot = await world.snapshot(placed)
    assert snapshot.status == "refunding"
    assert [anomaly.kind.value for anomaly in snapshot.anomalies] == ["forbidden_move"]
    await world.sandbox.advance(snapshot.order_id, Status.REFUNDED)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.REFUNDED


async def test_an_order_that_orchestra_expires_is_found_by_a_poll(world: World) -> None:
    placed = await world.place(scenario="expired")
    await world.deposit_and_report(placed)
    await eventually(world.sandbox.orders, lambda orders: expired(orders, placed))

    await world.until(placed, phase=Phase.TRACKING)
    await world.advance(placed, seconds=91)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED


def expired(orders: list[dict], placed: Placement) -> bool:
    return any(order["quoteId"] == placed.quote_id and order["status"] == "expired" for order in orders)


async def test_without_its_webhooks_a_detected_deposit_is_found_by_a_poll(
    world: World,
) -> None:
    placed = await world.place()
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await world.deposit(placed, detect=True)
    await eventually(world.sandbox.orders, lambda orders: ended(orders, placed))

    await world.advance(placed, seconds=91)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_an_unreadable_envelope_is_noted_and_the_order_continues(world: World) -> None:
    placed = await world.place()
    await world.handle(placed).signal("observe", [{"source": "webhook", "record": {"status": 7}}, "junk"])

    snapshot = await world.until(placed, phase=Phase.AWAITING_DEPOSIT)
    assert [anomaly.kind.value for anomaly in snapshot.anomalies] == ["unreadable", "unreadable"]
    await world.deposit_and_report(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
