"""Deposits that the chain's watcher reports."""

from typing import Any

from baton.chains.deposits import Deposit, DepositState
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.names import NOTICE_DEPOSIT
from baton.orders.seen_deposits import DepositNotice
from tests.replay.registry import OPEN, PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.COMPLETED)
async def deposit_seen_then_sure(stage: PathStage) -> Placement:
    placed = await stage.place()
    proof = await stage.world.deposit(placed, detect=False)
    await _told(stage, placed, proof.tx_hash)
    await stage.until(placed, lambda snapshot: len(snapshot.deposits) == 1)
    await _told(stage, placed, proof.tx_hash, state=DepositState.CONFIRMED)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def deposit_gone_and_another_seen(stage: PathStage) -> Placement:
    placed = await stage.place()
    await _told(stage, placed, "0x" + "11" * 32)
    await stage.until(placed, lambda snapshot: len(snapshot.deposits) == 1)
    await _told(stage, placed, "0x" + "11" * 32, state=DepositState.GONE)
    await stage.until(placed, lambda snapshot: snapshot.deposits[0].verdict == "gone")
    proof = await stage.world.deposit(placed, detect=False)
    await _told(stage, placed, proof.tx_hash, state=DepositState.CONFIRMED)
    return placed


@PATHS.ending(OPEN)
async def open_with_a_wrong_token(stage: PathStage) -> Placement:
    placed = await stage.place()
    await _told(stage, placed, "0x" + "22" * 32, symbol=None)
    await stage.until(placed, lambda snapshot: snapshot.attention is not None)
    return placed


async def _told(stage: PathStage, placed: Placement, tx_id: str | None, **fields: Any) -> None:
    assert placed.deposit_address is not None
    assert tx_id is not None
    values = {"symbol": "USDC", "state": DepositState.SEEN, **fields}
    deposit = Deposit(
        chain="base",
        address=placed.deposit_address,
        asset="0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
        tx_id=tx_id,
        index="0",
        amount=100_000_000,
        **values,
    )
    notice = DepositNotice(deposit=deposit).model_dump(mode="json")
    await stage.world.handle(placed).signal(NOTICE_DEPOSIT, [notice])
