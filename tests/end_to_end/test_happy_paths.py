"""Each kind of source from quote to delivery, over real HTTP and with a real Temporal server."""

import pytest

from baton.local.stack.showcase import SHOWPIECES, Showpiece
from baton.orders.models import Outcome, Phase
from tests.end_to_end.world import World
from tests.eventually import eventually

WAYS = {
    "stablecoin": ["processing", "bridging", "swapping", "delivering", "completed"],
    "spark": ["processing", "swapping", "bridging", "delivering", "completed"],
    "bitcoin": ["processing", "confirming", "swapping", "bridging", "delivering", "completed"],
    "lightning": ["processing", "confirming", "swapping", "delivering", "completed"],
    "other-chain": ["processing", "bridging", "swapping", "delivering", "completed"],
}


@pytest.mark.parametrize("piece", SHOWPIECES, ids=lambda piece: piece.name)
async def test_an_order_lives_from_quote_to_delivery(world: World, piece: Showpiece) -> None:
    placed = await world.place(**piece.document)
    assert placed.phase is Phase.AWAITING_DEPOSIT
    proof = await world.deposit_and_report(placed)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.COMPLETED
    assert result.amount_out > 0
    assert await eventually(lambda: world.statuses(placed), lambda transitions: transitions == WAYS[piece.name])
    snapshot = await world.snapshot(placed)
    assert snapshot.phase is Phase.CLOSED
    assert snapshot.waiting_for is None
    assert snapshot.attention is None
    assert snapshot.proof == proof.wire()


@pytest.mark.parametrize("piece", SHOWPIECES, ids=lambda piece: piece.name)
async def test_an_unreported_deposit_is_tracked_once_orchestra_sees_it(world: World, piece: Showpiece) -> None:
    placed = await world.place(**piece.document)
    await world.deposit(placed, detect=True)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.COMPLETED
    assert await eventually(lambda: world.statuses(placed), lambda transitions: transitions == WAYS[piece.name])
    submits = [call for call in await world.sandbox.requests("submit") if placed.reference in str(call)]
    assert submits == []


async def test_an_exact_out_order_delivers_exactly_the_requested_amount(world: World) -> None:
    placed = await world.place(
        sourceChain="bitcoin",
        sourceAsset="BTC",
        destinationChain="base",
        destinationAsset="USDC",
        amountMode="exact_out",
        amount="100000000",
        recipientAddress="0x52908400098527886E0F7030069857D2E4169EE7",
        refundAddress="bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    )
    await world.deposit_and_report(placed)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.COMPLETED
    assert result.amount_out == 100_000_000


@pytest.mark.parametrize(
    ("scenario", "outcome", "statuses"),
    [
        ("failed_slippage", Outcome.FAILED, ["processing", "bridging", "swapping", "failed"]),
        ("refunded", Outcome.REFUNDED, ["processing", "bridging", "swapping", "refunding", "refunded"]),
        ("paused_then_failed", Outcome.FAILED, ["processing", "failed"]),
        ("paused_then_resumes", Outcome.COMPLETED, WAYS["stablecoin"]),
    ],
)
async def test_every_hard_end_is_reported_as_its_own_outcome(
    world: World, scenario: str, outcome: Outcome, statuses: list[str]
) -> None:
    placed = await world.place(scenario=scenario)
    await world.deposit_and_report(placed)

    result = await world.baton.wait(placed.reference)

    assert result.outcome is outcome
    assert await eventually(lambda: world.statuses(placed), lambda transitions: transitions == statuses)
    if outcome is Outcome.FAILED:
        assert result.reason is not None
        assert result.reason.message
