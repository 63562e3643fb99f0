"""Either side of a Nexus operation is killed; the other waits, and the sale ends as if nothing had happened."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from baton.orders.models import Outcome
from examples.nexus_shop.sale import Sale
from tests.end_to_end.caller_namespace import Selling, Shop, a_sale, environment_of, open_shop, payment_of, shop_process
from tests.end_to_end.worker_process import worker_process
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import AFTER_KILL, temporal_server

pytestmark = pytest.mark.timeout(90)


@dataclass
class Stage:
    """A shop and a Baton, both without workers."""

    world: World
    shop: Shop
    folder: Path


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("nexus")
    async with temporal_server(**AFTER_KILL) as temporal, running_world(temporal, folder, with_worker=False) as world:
        yield Stage(world, await open_shop(temporal.client), folder)


async def is_shipped_once(stage: Stage, sale: Sale, selling: Selling) -> None:
    """Check that the sale is shipped, that its order completed, and that it made one order at Orchestra."""
    async with asyncio.timeout(60):
        receipt = await selling.result()
    assert receipt.shipped, receipt.why
    order = await stage.world.baton.snapshot(sale.id)
    assert order.outcome is Outcome.COMPLETED
    made = [each for each in await stage.world.sandbox.orders() if each["quoteId"] == order.quote_id]
    assert len(made) == 1
    assert len(order.quotes) == 1


async def test_a_sale_made_before_batons_worker_runs_is_paid_once_it_does(stage: Stage) -> None:
    sale = a_sale()
    async with shop_process(stage.shop):
        selling = await stage.shop.sell(sale)
        async with worker_process(stage.world, stage.folder):
            await stage.world.deposit_and_report(await payment_of(selling))
            await is_shipped_once(stage, sale, selling)


async def test_batons_worker_is_killed_and_the_sale_ends_with_a_new_one(stage: Stage) -> None:
    sale = a_sale()
    async with shop_process(stage.shop):
        selling = await stage.shop.sell(sale)
        async with worker_process(stage.world, stage.folder) as worker:
            pay = await payment_of(selling)
            await worker.kill()
        async with worker_process(stage.world, stage.folder):
            await stage.world.deposit_and_report(pay)
            await is_shipped_once(stage, sale, selling)


async def test_the_shops_worker_is_killed_and_the_result_waits_for_it(stage: Stage) -> None:
    sale = a_sale()
    async with worker_process(stage.world, stage.folder):
        async with shop_process(stage.shop) as shop:
            selling = await stage.shop.sell(sale)
            pay = await payment_of(selling)
            shop.kill()
            await shop.wait()
        await stage.world.deposit_and_report(pay)
        await eventually(lambda: has_ended(stage, sale))

        async with shop_process(stage.shop):
            await is_shipped_once(stage, sale, selling)


async def has_ended(stage: Stage, sale: Sale) -> bool:
    return (await stage.world.baton.snapshot(sale.id)).outcome is Outcome.COMPLETED


async def test_the_documented_command_sells_and_prints_what_the_payer_has_to_do(stage: Stage) -> None:
    sale = a_sale()
    async with worker_process(stage.world, stage.folder), shop_process(stage.shop):
        selling = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "examples.nexus_shop.sell", sale.id),
            env=environment_of(stage.shop),
            stdout=asyncio.subprocess.PIPE,
        )
        assert selling.stdout is not None
        instruction = (await selling.stdout.readline()).decode()
        placed = await stage.world.baton.place(sale.order())
        await stage.world.deposit_and_report(placed)
        receipt = (await selling.stdout.read()).decode()

    assert instruction == f"Pay 100000000 of USDC on base to {placed.deposit_address}\n"
    assert receipt.startswith("shipped=True why='paid with ")
    assert await selling.wait() == 0
