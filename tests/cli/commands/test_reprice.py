"""`baton reprice`: the business's answer to a repricing."""

import pytest

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.cli.command import Baton
from tests.end_to_end.test_reprices import REFUND, repriced, waiting
from tests.end_to_end.test_zeroconf import BITCOIN
from tests.end_to_end.world import World


async def repriced_order(world: World, route: dict[str, str] | None = None) -> Placement:
    """Return an order that waits for the answer to its repricing."""
    placed = await repriced(world, route)
    await waiting(world, placed)
    return placed


async def test_an_approved_repricing_uses_the_given_minimum(world: World, baton: Baton) -> None:
    placed = await repriced_order(world)

    answered = await baton(
        "reprice", placed.reference, "--approve", "--minimum", "0.00001 BTC", "--reason", "fine", "--json"
    )

    assert answered.code == 0
    assert answered.json["reference"] == placed.reference
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    (report,) = (await world.snapshot(placed)).reprices
    assert (report.action, report.by, report.minimum, report.reasons) == ("approve", "business", 1000, ["fine"])
    assert (
        "approve down to 0.00001 BTC (1000 smallest units) by business; fine\n"
        in (await baton("show", placed.reference)).out
    )


async def test_a_rejection_fails_the_order(world: World, baton: Baton) -> None:
    placed = await repriced_order(world)

    answered = await baton("reprice", placed.reference, "--reject")

    assert answered.code == 0
    assert f"Order {placed.reference}" in answered.out
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.FAILED


async def test_a_bitcoin_deposit_is_refunded_to_the_given_address(world: World, baton: Baton) -> None:
    placed = await repriced_order(world, BITCOIN)

    without = await baton("reprice", placed.reference, "--refund", "--json")
    answered = await baton("reprice", placed.reference, "--refund", "--refund-address", REFUND)

    assert (without.code, without.error["code"]) == (1, "invalid_decision")
    assert without.error["message"].startswith("refund_address: the order names none")
    assert answered.code == 0
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.REFUNDED


async def test_answering_without_an_open_repricing_is_refused(world: World, baton: Baton) -> None:
    placed = await world.place()

    answered = await baton("reprice", placed.reference, "--approve")

    assert (answered.code, answered.err) == (
        1,
        "error: no repricing waits for an answer; see the open question in the order's snapshot\n",
    )


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "give one of --approve, --reject and --refund"),
        (["--approve", "--reject"], "give one of --approve, --reject and --refund"),
        (["--reject", "--minimum", "5"], "--minimum belongs to --approve; leave it out"),
        (["--approve", "--refund-address", "bc1q"], "--refund-address belongs to --refund; leave it out"),
    ],
)
async def test_inconsistent_reprice_options_are_wrong_usage_before_any_call(
    alone: Baton, options: list[str], complaint: str
) -> None:
    answered = await alone("reprice", "invoice-42", *options)

    assert (answered.code, answered.err) == (2, f"error: {complaint}\n")


async def test_a_minimum_without_a_unit_must_be_a_positive_integer(alone: Baton) -> None:
    for minimum in ("0", "-5", "1.5"):
        assert (await alone("reprice", "invoice-42", "--approve", "--minimum", minimum)).code == 2


async def test_a_minimum_in_another_asset_is_refused_by_name(world: World, baton: Baton) -> None:
    placed = await world.place()

    refused = await baton("reprice", placed.reference, "--approve", "--minimum", "5 USDC")

    assert refused.code == 2
    assert "--minimum: 5 USDC is not in BTC, the asset that it is of" in refused.err
