"""Every documented cause and course of a refund ends with Orchestra's status, and with the cause."""

import pytest

from baton.orders.answers import OrderResult, Placement
from baton.orders.models import Outcome
from tests.end_to_end.world import World
from tests.eventually import eventually

HALFWAY = ["processing", "bridging", "swapping", "refunding"]


async def led(world: World, scenario: str) -> tuple[Placement, OrderResult]:
    placed = await world.place(scenario=scenario)
    await world.deposit_and_report(placed)
    return placed, await world.baton.wait(placed.reference)


@pytest.mark.parametrize(
    ("scenario", "code", "words"),
    [
        ("refund_slippage", "slippage_exceeded", "moved past slippage"),
        ("refund_exact_out", "target_unmet", "exact-out target"),
        ("refund_stale_quote", "slippage_exceeded", "after the quote's expiry"),
        ("refund_from_delivering", "delivery_failed", "did not accept the delivery"),
    ],
)
async def test_a_refund_is_reported_with_orchestras_cause(world: World, scenario: str, code: str, words: str) -> None:
    placed, result = await led(world, scenario)

    snapshot = await world.snapshot(placed)
    assert result.outcome is Outcome.REFUNDED
    assert (result.reason.code, words in result.reason.message) == (code, True)
    assert (snapshot.refund["amount"], snapshot.refund["short"]) == ("100000000", False)
    assert snapshot.refund["cause"]["code"] == code
    assert snapshot.attention is None


async def test_a_refund_without_a_valid_address_ends_as_failed(world: World) -> None:
    _, result = await led(world, "refund_failed")

    assert (result.outcome, result.reason.code) == (Outcome.FAILED, "refund_address_missing")


async def test_a_refund_that_skipped_refunding_is_reported(world: World) -> None:
    placed, result = await led(world, "refund_at_once")

    assert result.outcome is Outcome.REFUNDED
    assert (await world.snapshot(placed)).refund["tx_hash"].startswith("0x")
    assert await eventually(
        lambda: world.statuses(placed), lambda transitions: transitions == ["processing", "refunded"]
    )


async def test_a_refund_held_for_review_is_tracked_to_its_end(world: World) -> None:
    placed, result = await led(world, "refund_paused")

    assert result.outcome is Outcome.REFUNDED
    transitions = await eventually(lambda: world.statuses(placed), lambda transitions: transitions[-1:] == ["refunded"])
    assert [status for status in transitions if status != "processing"] == [*HALFWAY[1:], "refunded"]


async def test_a_refund_that_is_rejected_in_review_ends_as_failed(world: World) -> None:
    _, result = await led(world, "refund_paused_then_failed")

    assert (result.outcome, result.reason.code) == (Outcome.FAILED, "provider_review")
