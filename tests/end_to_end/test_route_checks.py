"""An order that the routes or limits rule out is refused before a quote is requested."""

import pytest

from baton.orders.models import Outcome, Phase
from tests.end_to_end.world import World


@pytest.mark.parametrize(
    ("change", "code"),
    [({"destinationAsset": "DOGE"}, "unsupported_route"), ({"amount": "1"}, "amount_too_small")],
    ids=["route", "amount"],
)
async def test_an_impossible_order_is_refused_without_spending_a_key(
    world: World, change: dict[str, str], code: str
) -> None:
    placed = await world.refused(world.document(**change))

    assert (placed.phase, placed.outcome) == (Phase.CLOSED, Outcome.FAILED)
    assert placed.reason.code == code
    calls = [call for call in await world.sandbox.requests("quote") if placed.reference in call["idempotencyKey"]]
    assert calls == []
