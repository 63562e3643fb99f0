"""When a payer replaces the Bitcoin deposit, Baton continues with the order that replaces the first one."""

import pytest

from baton.orders.models import Outcome
from tests.end_to_end.test_zeroconf import BITCOIN
from tests.end_to_end.world import World
from tests.eventually import eventually


@pytest.mark.parametrize("scenario", ["rbf_replaced", "rbf_replaced_silently"])
async def test_the_successor_of_a_replaced_deposit_is_tracked_to_its_end(world: World, scenario: str) -> None:
    placed = await world.place(scenario=scenario, **{**BITCOIN, "zeroconfEnabled": False})
    await world.deposit_and_report(placed)
    first = await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.order_id is not None)

    if scenario == "rbf_replaced_silently":
        # The successor's own webhooks may come before anybody looks; else a read must find it.
        seen = await eventually(lambda: world.snapshot(placed), lambda now: now.status == "unfulfilled" or now.outcome)
        if seen.outcome is None:
            await world.advance(placed, seconds=121)
    result = await world.baton.wait(placed.reference)

    assert result.outcome is Outcome.COMPLETED
    assert result.order_id != first.order_id
    snapshot = await world.snapshot(placed)
    assert snapshot.superseded == [first.order_id]
    assert snapshot.attention is None
