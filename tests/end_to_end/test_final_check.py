"""The final check before an order closes reacts to what arrives, and backs off while Orchestra does not answer."""

import asyncio

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.end_to_end.world import World
from tests.eventually import eventually


async def expiring(world: World, *, status: int, **fault: object) -> tuple[Placement, str]:
    """Return an order whose final check gets this error from Orchestra, and the fault's id."""
    placed = await world.place(policy={"onQuoteExpiry": "expire"})
    code = "unauthorized" if status == 401 else "unavailable"
    fault_id = await world.sandbox.fault(
        "order", "error", quoteId=placed.quote_id, status=status, code=code, times=100_000, **fault
    )
    await world.pass_expiry(placed)
    await eventually(lambda: reads_of(world, placed), lambda count: count > 0)
    return placed, fault_id


async def reads_of(world: World, placed: Placement) -> int:
    return sum(str(placed.quote_id) in str(call) for call in await world.sandbox.requests("order"))


async def test_a_revoked_key_is_retried_with_backoff(world: World) -> None:
    placed, fault = await expiring(world, status=401)
    before = await reads_of(world, placed)

    for _ in range(60):
        await world.advance(placed, minutes=1)
        await world.snapshot(placed)
    in_an_hour = await reads_of(world, placed) - before

    for _ in range(23 * 4):
        await world.advance(placed, minutes=15)
        await world.snapshot(placed)
    in_a_day = await reads_of(world, placed) - before

    assert 3 <= in_an_hour <= 24
    assert 20 <= in_a_day <= 60
    snapshot = await world.snapshot(placed)
    assert snapshot.outcome is None
    assert snapshot.attention is not None
    assert snapshot.attention.reason == "partner_access"
    await world.sandbox.remove_fault(fault)


async def test_the_order_expires_once_the_final_check_is_answered(world: World) -> None:
    placed, fault = await expiring(world, status=401)
    await world.sandbox.remove_fault(fault)

    await world.advance(placed, minutes=31)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED


async def test_a_report_during_the_final_check_is_submitted_at_once(world: World) -> None:
    placed, fault = await expiring(world, status=503, headers={"Retry-After": "300"})
    proof = await world.deposit(placed, detect=False)

    async with asyncio.timeout(5):
        await world.baton.report_deposit(placed.reference, proof)
    await world.sandbox.remove_fault(fault)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_a_cancel_during_the_final_check_closes_the_order(world: World) -> None:
    placed, fault = await expiring(world, status=503, headers={"Retry-After": "300"})

    async with asyncio.timeout(5):
        standing = await world.baton.cancel(placed.reference)

    assert standing.outcome is Outcome.CANCELLED
    await world.sandbox.remove_fault(fault)
