"""A Nexus operation ends with its order, although that order has continued as new."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.end_to_end.caller_namespace import Shop, a_sale, open_shop, payment_of, shop_worker
from tests.end_to_end.world import World, running_world
from tests.replay.paths.continuing import stir
from tests.replay.record import EARLY
from tests.replay.registry import PathStage
from tests.replay.runs import runs_of
from tests.temporal_server import temporal_server

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
async def early(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[World, Shop]]:
    """Run Baton and a shop on a server that suggests continue-as-new after only 25 events."""
    folder = tmp_path_factory.mktemp("nexus-continuing")
    async with temporal_server(**EARLY) as temporal, running_world(temporal, folder, coalesce=0) as world:
        shop = await open_shop(temporal.client)
        async with shop_worker(shop):
            yield world, shop


async def test_an_order_that_continued_as_new_still_ends_its_operation(early: tuple[World, Shop]) -> None:
    world, shop = early
    sale = a_sale()
    selling = await shop.sell(sale)
    pay = await payment_of(selling)
    await world.sandbox.set_scenario("stepped", pay.quote_id)
    await world.deposit_and_report(pay)
    order = await world.until(pay, status="processing")
    stage = PathStage(world, sale.id, Path())
    while len(await runs_of(world, pay)) == 1:
        await stir(stage, pay, 1)

    for _ in range(4):
        await world.sandbox.advance(order.order_id or "")

    assert (await selling.result()).shipped
