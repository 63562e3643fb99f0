"""Reads that Orchestra refuses are repeated ever more rarely, and continue as before once one is answered."""

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.end_to_end.test_submits_in_vain import events
from tests.end_to_end.world import World
from tests.eventually import eventually


async def reads(world: World, order_id: str) -> int:
    return sum(order_id in str(call) for call in await world.sandbox.requests("status"))


async def silent(world: World) -> tuple[Placement, str]:
    """Return an order in `processing` of which no webhook arrives, and Orchestra's id of it."""
    placed = await world.place(scenario="stepped")
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await world.deposit_and_report(placed)
    order_id = (await world.until(placed, status="processing")).order_id
    assert order_id is not None
    return placed, order_id


async def test_a_revoked_key_costs_an_order_few_reads_in_a_day(world: World) -> None:
    placed, order_id = await silent(world)
    fault = await world.sandbox.fault(
        "status", "error", quoteId=placed.quote_id, status=401, code="unauthorized", times=9_999
    )
    before = await reads(world, order_id), await events(world, placed)

    for _ in range(24 * 4):
        await world.advance(placed, minutes=15)
        await world.snapshot(placed)

    assert 20 <= await reads(world, order_id) - before[0] <= 60
    assert await events(world, placed) - before[1] < 600
    snapshot = await world.snapshot(placed)
    assert snapshot.attention is not None
    assert "partner_access" in [attention.reason for attention in snapshot.attentions]

    await world.sandbox.remove_fault(fault)
    for _ in range(4):
        await world.sandbox.advance(order_id)

    async def outcome_in_time() -> Outcome | None:
        if (outcome := (await world.snapshot(placed)).outcome) is None:
            await world.advance(placed, minutes=20)
        return outcome

    # A read that was under way when the key came back is refused, and the next one is due later.
    assert await eventually(outcome_in_time) is Outcome.COMPLETED


async def test_an_operators_refresh_finds_out_at_once_that_the_key_works(world: World) -> None:
    placed, _ = await silent(world)
    fault = await world.sandbox.fault(
        "status", "error", quoteId=placed.quote_id, status=401, code="unauthorized", times=9_999
    )
    for _ in range(12):
        await world.advance(placed, minutes=15)
    await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.attention is not None)
    await world.sandbox.remove_fault(fault)

    standing = await world.baton.refresh(placed.reference)

    assert standing.attention != "partner_access"
