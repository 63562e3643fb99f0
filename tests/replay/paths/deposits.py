"""Deposits from every source, with and without errors on the way to the submit."""

from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from tests.replay.registry import PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.COMPLETED)
async def adopted_by_webhook(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.deposit(placed, detect=True)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def adopted_by_planned_read(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await stage.world.deposit(placed, detect=True)
    await stage.until_orchestra_has(placed, "completed")
    await stage.world.advance(placed, seconds=91)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def polled_only(stage: PathStage) -> Placement:
    placed = await stage.place(scenario="stepped")
    await stage.world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    for status in ("bridging", "swapping", "delivering", "completed"):
        await stage.move(placed)
        await stage.world.advance(placed, seconds=90)
        await stage.world.until(placed, status=status)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def webhooks_twice_and_shuffled(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.sandbox.hold_webhooks(quoteId=placed.quote_id)
    await stage.world.deposit_and_report(placed)
    await stage.until_orchestra_has(placed, "completed")
    await stage.world.sandbox.release_webhooks("shuffled", copies=2, seed=3)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def proof_not_found_at_first(stage: PathStage) -> Placement:
    placed = await stage.place()
    proof = DepositProof(tx_hash="0x" + "ab" * 32)
    await stage.world.baton.report_deposit(placed.reference, proof)
    await stage.until(placed, lambda snapshot: snapshot.reason is not None)
    await stage.world.deposit(placed, txHash=proof.tx_hash)
    await stage.world.advance(placed, seconds=5)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def proof_never_found(stage: PathStage) -> Placement:
    """Attention is raised; then Orchestra detects the deposit itself."""
    placed = await stage.place()
    await stage.world.baton.report_deposit(placed.reference, DepositProof(tx_hash="0x" + "ef" * 32))
    await stage.until(placed, lambda snapshot: snapshot.reason is not None)
    await stage.world.advance(placed, minutes=11)
    await stage.until(placed, lambda snapshot: snapshot.attention is not None)
    await stage.world.deposit(placed, detect=True)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def refused_then_corrected(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.sandbox.fault(
        "submit", "error", quoteId=placed.quote_id, status=400, code="invalid_request", message="txHash is malformed"
    )
    await stage.world.baton.report_deposit(placed.reference, DepositProof(tx_hash="0xoops"))
    await stage.until(placed, lambda snapshot: snapshot.attention is not None)
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def partner_access_refused(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.sandbox.fault(
        "submit", "error", quoteId=placed.quote_id, status=401, code="unauthorized", message="Key disabled"
    )
    await stage.world.deposit_and_report(placed)
    await stage.until(placed, lambda snapshot: snapshot.attention is not None)
    await stage.world.advance(placed, seconds=5)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def submit_without_an_answer(stage: PathStage) -> Placement:
    """The first submit takes effect but its answer is lost; Temporal retries it under the same key."""
    placed = await stage.place()
    await stage.world.sandbox.fault("submit", "reset", quoteId=placed.quote_id)
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def second_deposit(stage: PathStage) -> Placement:
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, phase=Phase.TRACKING)
    standing = await stage.world.baton.report_deposit(placed.reference, await stage.world.deposit(placed))
    assert standing.attention == "second_deposit"
    await stage.move(placed, times=4)
    return placed
