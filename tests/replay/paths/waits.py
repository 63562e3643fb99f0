"""Long waits: quotes that expire, statuses that do not change, late money."""

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.replay.registry import PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.COMPLETED)
async def deposit_after_the_quotes_expiry(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.advance(placed, minutes=30)
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def requoted_and_paid_to_the_old_address(stage: PathStage) -> Placement:
    placed = await stage.place(policy={"onQuoteExpiry": "requote", "maxRequotes": 2})
    for expected in (2, 3):
        await stage.world.sandbox.advance_clock(121)
        await stage.world.advance(placed, seconds=121)
        await _until_quotes(stage, placed, expected)
    proof = await stage.world.deposit(placed)
    await stage.world.baton.report_deposit(placed.reference, proof, quote_id=placed.quote_id)
    return placed


@PATHS.ending(Outcome.EXPIRED)
async def window_expired(stage: PathStage) -> Placement:
    placed = await stage.place(policy={"depositWindow": 3600})
    await stage.world.advance(placed, minutes=59)
    await stage.world.advance(placed, minutes=2)
    return placed


@PATHS.ending(Outcome.EXPIRED)
async def expired_with_the_quote(stage: PathStage) -> Placement:
    placed = await stage.place(policy={"onQuoteExpiry": "expire"})
    await stage.world.advance(placed, seconds=130)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def last_look_finds_the_deposit(stage: PathStage) -> Placement:
    placed = await stage.place(scenario="stepped", policy={"onQuoteExpiry": "expire"})
    await stage.world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await stage.world.deposit(placed, detect=True)
    await stage.until_orchestra_has(placed)
    await stage.world.advance(placed, seconds=130)
    await stage.world.until(placed, status="processing")
    await stage.move(placed, times=4)
    await stage.world.advance(placed, seconds=90)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def refreshed(stage: PathStage) -> Placement:
    """Refreshed before a deposit is known, and while webhooks are lost."""
    placed = await stage.place(scenario="stepped")
    await stage.world.baton.refresh(placed.reference)
    await stage.world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.move(placed, times=4)
    await stage.world.baton.refresh(placed.reference)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def overdue_status(stage: PathStage) -> Placement:
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.move(placed)
    await stage.world.until(placed, status="bridging")
    await stage.world.advance(placed, hours=3)
    await stage.until(placed, lambda snapshot: snapshot.attention is not None)
    await stage.move(placed, times=3)
    return placed


@PATHS.ending(Outcome.UNFULFILLED)
async def unfulfilled_closes(stage: PathStage) -> Placement:
    placed = await stage.place(scenario="unfulfilled")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="unfulfilled")
    await stage.world.advance(placed, hours=6, minutes=1)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def unfulfilled_resumed(stage: PathStage) -> Placement:
    placed = await stage.place(scenario="unfulfilled_then_late")
    await stage.world.deposit_and_report(placed)
    return placed


async def _until_quotes(stage: PathStage, placed: Placement, count: int) -> None:
    await stage.until(placed, lambda snapshot: len(snapshot.quotes) == count)
