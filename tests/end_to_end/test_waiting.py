"""Quotes that expire, deposits that come late or never: each wait ends according to the policy."""

import asyncio

from baton.orders.models import Outcome, Phase
from tests.end_to_end.world import World
from tests.eventually import eventually


async def test_by_default_a_deposit_after_the_quotes_expiry_still_counts(world: World) -> None:
    placed = await world.place()
    await world.advance(placed, minutes=30)
    assert (await world.snapshot(placed)).phase is Phase.AWAITING_DEPOSIT

    await world.deposit_and_report(placed)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_an_order_without_a_deposit_expires_at_the_end_of_its_window(world: World) -> None:
    placed = await world.place(policy={"depositWindow": 3600})
    await world.advance(placed, minutes=59)
    assert (await world.snapshot(placed)).outcome is None

    await world.advance(placed, minutes=2)

    result = await world.baton.wait(placed.reference)
    assert result.outcome is Outcome.EXPIRED
    assert result.reason.code == "no_deposit"


async def test_with_expire_the_order_closes_at_the_quotes_expiry(world: World) -> None:
    placed = await world.place(policy={"onQuoteExpiry": "expire"})

    await world.pass_expiry(placed)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED


async def test_the_final_check_finds_an_unreported_deposit(world: World) -> None:
    placed = await world.place(policy={"onQuoteExpiry": "expire"})
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await world.deposit(placed, detect=True)
    await eventually(world.sandbox.orders, lambda orders: any(o["quoteId"] == placed.quote_id for o in orders))

    await world.pass_expiry(placed)

    snapshot = await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.order_id is not None)
    assert snapshot.outcome is not Outcome.EXPIRED


async def test_after_requotes_a_deposit_to_the_oldest_address_counts(world: World) -> None:
    placed = await world.place(policy={"onQuoteExpiry": "requote", "maxRequotes": 2})
    await world.sandbox.advance_clock(121)
    await world.pass_expiry(placed)
    await eventually(lambda: world.snapshot(placed), lambda snapshot: len(snapshot.quotes) == 2)
    await world.sandbox.advance_clock(121)
    await world.advance(placed, seconds=121)
    snapshot = await eventually(lambda: world.snapshot(placed), lambda snapshot: len(snapshot.quotes) == 3)
    assert snapshot.quote_id != placed.quote_id
    assert len({quote.deposit_address for quote in snapshot.quotes}) == 3

    proof = await world.deposit(placed)
    await world.baton.report_deposit(placed.reference, proof, quote_id=placed.quote_id)

    result = await world.baton.wait(placed.reference)
    assert (result.outcome, result.quote_id) == (Outcome.COMPLETED, placed.quote_id)


async def test_an_order_can_be_cancelled_while_a_new_quote_is_requested(world: World) -> None:
    placed = await world.place(policy={"onQuoteExpiry": "requote"})
    fault = await world.sandbox.fault("quote", "hold_after")
    advancing = asyncio.create_task(world.pass_expiry(placed))
    await eventually(
        world.sandbox.faults, lambda faults: any(entry["id"] == fault and entry["hits"] for entry in faults)
    )

    standing = await world.baton.cancel(placed.reference)

    await world.sandbox.release(fault)
    await advancing
    assert standing.outcome is Outcome.CANCELLED


async def test_a_refresh_reads_the_order_now(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await world.deposit_and_report(placed)
    snapshot = await world.until(placed, status="processing")
    await world.sandbox.advance(snapshot.order_id)

    standing = await world.baton.refresh(placed.reference)

    assert standing.status == "bridging"


async def test_a_status_that_lasts_too_long_raises_attention(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    snapshot = await world.until(placed, status="processing")
    await world.sandbox.advance(snapshot.order_id)
    await world.until(placed, status="bridging")

    await world.advance(placed, hours=3)

    snapshot = await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.attention is not None)
    assert snapshot.attention.reason == "overdue"
    assert (snapshot.phase, snapshot.waiting_for.who) == (Phase.TRACKING, "operator")
    await world.sandbox.advance(snapshot.order_id)
    moved = await world.until(placed, status="swapping")
    assert moved.attention is None


async def test_an_unfulfilled_order_is_resumed_by_late_money(world: World) -> None:
    placed = await world.place(scenario="unfulfilled_then_late")
    await world.deposit_and_report(placed)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.COMPLETED
    assert (await world.statuses(placed))[:2] == ["processing", "unfulfilled"]


async def test_an_unfulfilled_order_closes_as_such_when_its_window_ends(world: World) -> None:
    placed = await world.place(scenario="unfulfilled")
    await world.deposit_and_report(placed)
    await world.until(placed, status="unfulfilled")

    await world.advance(placed, hours=6, minutes=1)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.UNFULFILLED
