"""Signals that bear the name of what they report, and signals that nobody understands."""

from typing import Any

from baton.chains.deposits import Deposit, DepositState
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.seen_deposits import DepositNotice
from baton.orders.signal_names import deposit_signal
from tests.replay.registry import OPEN, PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.COMPLETED)
async def named_deposit_seen_then_sure(stage: PathStage) -> Placement:
    placed = await stage.place()
    proof = await stage.world.deposit(placed, detect=False)
    assert proof.tx_hash is not None
    await _shown(stage, placed, proof.tx_hash, DepositState.SEEN)
    await stage.until(placed, lambda snapshot: len(snapshot.deposits) == 1)
    await _shown(stage, placed, proof.tx_hash, DepositState.CONFIRMED)
    return placed


@PATHS.ending(OPEN)
async def open_with_signals_that_nobody_understands(stage: PathStage) -> Placement:
    placed = await stage.place()
    await _signal(stage, placed, "polish", {"shoes": 2})
    await _signal(stage, placed, "order.swapping", "junk")
    await stage.until(placed, lambda snapshot: len(snapshot.anomalies) == 2)
    return placed


async def _shown(stage: PathStage, placed: Placement, tx_id: str, state: DepositState) -> None:
    assert placed.deposit_address is not None
    deposit = Deposit(
        chain="base",
        address=placed.deposit_address,
        asset="0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
        symbol="USDC",
        tx_id=tx_id,
        index="0",
        amount=100_000_000,
        state=state,
    )
    notice = DepositNotice(deposit=deposit)
    await _signal(stage, placed, deposit_signal(notice), [notice.model_dump(mode="json")])


async def _signal(stage: PathStage, placed: Placement, name: str, content: Any) -> None:
    await stage.world.handle(placed).signal(name, content)
