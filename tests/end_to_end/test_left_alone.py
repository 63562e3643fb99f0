"""Offers that lapse without an answer, and money that arrives after the order has closed."""

from baton.orders.models import Outcome
from baton.orders.names import follow_up_reference
from baton.orders.reports import ApprovalEnd
from tests.end_to_end.test_adopting import adopted_order
from tests.end_to_end.test_zeroconf import answers, ended, offered
from tests.end_to_end.world import World


async def test_an_offer_the_policy_lets_lapse_is_not_answered(
    world: World,
) -> None:
    placed = await offered(world, "zeroconf_lapses", mode="decide", maxFeeBps=0, beyond="lapse")

    snapshot, report = await ended(world, placed)

    assert (report.end, report.by) == (ApprovalEnd.LAPSED, "policy")
    assert await answers(world, placed) == []
    assert [transition.status for transition in snapshot.transitions][:3] == [
        "processing",
        "awaiting_approval",
        "confirming",
    ]


async def test_an_offer_accepted_elsewhere_is_not_answered(world: World) -> None:
    placed = await offered(world, "zeroconf_accepted_elsewhere", mode="ask")

    _, report = await ended(world, placed)

    assert (report.end, report.by) == (ApprovalEnd.SETTLED, "orchestra")
    assert await answers(world, placed) == []


async def test_money_after_the_order_closed_as_unfulfilled_is_followed_up(world: World) -> None:
    placed = await world.place(scenario="unfulfilled")
    await world.deposit_and_report(placed)
    await world.until(placed, status="unfulfilled")
    await world.advance(placed, hours=6, minutes=1)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.UNFULFILLED

    await world.deposit(placed, detect=True)

    late = follow_up_reference(placed.reference)
    await adopted_order(world, late)
    assert (await world.baton.wait(late)).outcome is Outcome.COMPLETED
