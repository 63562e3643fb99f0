"""`baton hold`, `baton release`, `baton holds`: stop submits, see what waits, let it go on."""

from collections.abc import AsyncIterator

import pytest

from baton.holds.models import HoldList
from baton.orders.models import Outcome
from tests.cli.command import Baton
from tests.end_to_end.held_orders import follow_holds, held_order, release_all
from tests.end_to_end.world import World
from tests.eventually import eventually

WHY = ("--reason", "the node of Base is behind")


@pytest.fixture(scope="module", autouse=True)
async def the_worker_follows_the_holds(world: World) -> None:
    await follow_holds(world)


@pytest.fixture(autouse=True)
async def no_hold_outlives_its_test(world: World) -> AsyncIterator[None]:
    yield
    await release_all(world)


async def test_submits_on_a_chain_are_held_counted_and_released(world: World, baton: Baton) -> None:
    placed = await baton("hold", "submits", "--route", "base", *WHY)
    assert placed.code == 0
    assert "submits on base are on hold" in placed.out
    (hold,) = await world.baton.open_holds()
    assert hold.by is not None
    assert hold.by.startswith("cli:")
    order = await held_order(world)

    listed = await eventually(
        lambda: baton("holds", "--json"), lambda found: found.json["holds"][0]["waiting"]["count"]
    )
    (line,) = HoldList.model_validate(listed.json).holds
    assert line.waiting is not None
    assert (line.hold, line.waiting.count, line.waiting.oldest) == (hold, 1, order.reference)
    shown = await baton("holds")
    assert "100 USDC on base" in shown.out
    assert order.reference in shown.out
    assert hold.id in (await baton("show", order.reference)).out

    released = await baton("release", hold.id, "--rate", "20", "--reason", "it has caught up", "--json")
    assert (released.code, released.json["rate"]) == (0, 20)
    assert (await world.baton.wait(order.reference)).outcome is Outcome.COMPLETED
    assert "it has caught up" in (await baton("holds")).out


async def test_everything_is_held_only_if_somebody_says_yes(world: World, baton: Baton) -> None:
    asked = await baton("hold", "submits", *WHY, "--json")
    assert (asked.code, asked.error["code"]) == (2, "unconfirmed")
    assert await world.baton.open_holds() == []

    placed = await baton("hold", "submits", *WHY, "--yes", "--json")
    again = await baton("hold", "submits", *WHY, "--yes")
    assert (placed.code, placed.json["known"]) == (0, False)
    assert "are on hold already" in again.out


async def test_a_chain_that_nobody_knows_is_pointed_out(baton: Baton) -> None:
    placed = await baton("hold", "approvals", "--route", "bse", *WHY)

    assert placed.code == 0
    assert "no chain bse" in placed.err


async def test_what_cannot_be_held_or_released_is_refused(baton: Baton) -> None:
    wrong = await baton("hold", "submits", "--route", "base>", *WHY, "--json")
    unknown = await baton("release", "hold-99", "--reason", "a slip", "--json")

    assert (wrong.code, wrong.error["code"]) == (2, "invalid_argument")
    assert (unknown.code, unknown.error["code"]) == (1, "hold_unknown")


async def test_nothing_on_hold_is_said(baton: Baton) -> None:
    assert "nothing is on hold" in (await baton("holds")).err
