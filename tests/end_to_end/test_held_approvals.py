"""An operator stops approvals: nothing is accepted by policy or by a person, declines and refunds go on."""

from collections.abc import AsyncIterator

import pytest

from baton import Outcome, Placement, RepriceAction, RepriceDecision
from baton.orders.reports import ApprovalEnd
from tests.end_to_end.held_orders import WHY, follow_holds, held, hold, release_all
from tests.end_to_end.test_reprices import repriced, waiting
from tests.end_to_end.test_zeroconf import GENEROUS, answers, awaiting, ended, offered
from tests.end_to_end.world import World
from tests.eventually import eventually


@pytest.fixture(scope="module", autouse=True)
async def the_worker_follows_the_holds(world: World) -> None:
    await follow_holds(world)


@pytest.fixture(autouse=True)
async def no_hold_outlives_its_test(world: World) -> AsyncIterator[None]:
    yield
    await release_all(world)


async def reprice_calls(world: World, placed: Placement) -> list[str]:
    order_id = (await world.snapshot(placed)).order_id
    calls = [call["path"] for call in await world.sandbox.requests() if "/reprice" in call["path"]]
    return [path.rsplit("/", 1)[-1] for path in calls if order_id is not None and order_id in path]


async def test_the_policys_accept_waits_for_the_release(world: World) -> None:
    stopped = await hold(world, "approvals")
    placed = await offered(world, "zeroconf_accept_path", **GENEROUS)

    snapshot = await held(world, placed)
    assert snapshot.waiting_for is not None
    assert (snapshot.waiting_for.who, snapshot.status) == ("operator", "awaiting_approval")
    assert WHY in snapshot.waiting_for.what
    assert await answers(world, placed) == []
    await world.baton.release(stopped.id, reason="the audit is over")

    after, report = await ended(world, placed)
    assert (report.end, report.by, after.held) == (ApprovalEnd.ACCEPTED, "policy", None)
    assert len(await answers(world, placed)) == 1


async def test_a_persons_accept_waits_for_the_release_too(world: World) -> None:
    stopped = await hold(world, "approvals", route="bitcoin")
    placed = await offered(world, "zeroconf_accept_path", mode="ask")
    await awaiting(world, placed)

    await world.baton.decide_zeroconf(placed.reference, accept=True, reason="known payer")
    await held(world, placed)
    assert await answers(world, placed) == []
    await world.baton.release(stopped.id, reason="the audit is over")

    _, report = await ended(world, placed)
    assert (report.end, report.by) == (ApprovalEnd.ACCEPTED, "business")


async def test_during_a_hold_the_business_may_decline_instead_of_the_policy(world: World) -> None:
    await hold(world, "approvals")
    placed = await offered(world, "zeroconf_accept_path", **GENEROUS)
    await held(world, placed)

    await world.baton.decide_zeroconf(placed.reference, accept=False, reason="better not now")

    _, report = await ended(world, placed)
    assert (report.end, report.by) == (ApprovalEnd.DECLINED, "business")
    assert [call["path"].rsplit("/", 1)[-1] for call in await answers(world, placed)] == ["decline"]


async def test_a_decline_is_not_held(world: World) -> None:
    await hold(world, "approvals")

    placed = await offered(world, "zeroconf_poor_odds", **GENEROUS)

    _, report = await ended(world, placed)
    assert report.end is ApprovalEnd.DECLINED


async def test_an_offer_that_closes_during_a_hold_was_settled_and_not_answered(world: World) -> None:
    await hold(world, "approvals")
    placed = await offered(world, "zeroconf_accept_path", **GENEROUS)
    order_id = (await held(world, placed)).order_id

    await world.sandbox.advance(order_id, "confirming")

    closed = await eventually(lambda: world.snapshot(placed), lambda found: bool(found.approvals))
    (report,) = closed.approvals
    assert (report.end, report.by, closed.held) == (ApprovalEnd.SETTLED, "orchestra", None)
    assert WHY in report.reasons[0]
    assert await answers(world, placed) == []


async def test_a_hold_on_submits_stops_no_approval(world: World) -> None:
    await hold(world, "submits", route="solana")
    placed = await offered(world, "zeroconf_accept_path", **GENEROUS)

    _, report = await ended(world, placed)

    assert report.end is ApprovalEnd.ACCEPTED


async def test_the_policys_approval_of_a_price_waits_for_the_release(world: World) -> None:
    stopped = await hold(world, "approvals")
    placed = await repriced(world, mode="approve", maxLossBps=500)

    await held(world, placed)
    assert await reprice_calls(world, placed) == []
    await world.baton.release(stopped.id, reason="the audit is over")

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert (await world.snapshot(placed)).held is None


async def test_during_a_hold_the_business_can_still_reject_a_price(world: World) -> None:
    await hold(world, "approvals")
    placed = await repriced(world)
    await waiting(world, placed)
    await world.baton.decide_reprice(placed.reference, RepriceDecision(action=RepriceAction.APPROVE, minimum=1))
    await held(world, placed)

    await world.baton.decide_reprice(placed.reference, RepriceDecision(action=RepriceAction.REJECT, reason="no"))

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.FAILED
    (report,) = (await world.snapshot(placed)).reprices
    assert (report.action, report.by, report.refused) == ("reject", "business", None)
