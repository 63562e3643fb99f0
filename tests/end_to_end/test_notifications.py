"""Worker and gateway are killed while orders run: each order's notifications still equal its committed transitions."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.end_to_end.worker_process import worker_process
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.notifications.receiver import Receiver, receiving
from tests.temporal_server import temporal_server

pytestmark = pytest.mark.timeout(120)

LOOPBACK = {"BATON_NOTIFY_NETWORKS": "127.0.0.0/8"}


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notified")


@pytest.fixture(scope="module")
async def bare(folder: Path) -> AsyncIterator[World]:
    """Run Baton without a worker, on its own Temporal server."""
    async with temporal_server() as temporal, running_world(temporal, folder, with_worker=False) as world:
        yield world


def received(shop: Receiver, placed: Placement) -> list[str]:
    """Return the types that the endpoint accepted of an order, each event once, in the order in which it came."""
    events = {each.id: each.event for each in shop.accepted if each.event["reference"] == placed.reference}
    return [str(event["type"]) for event in events.values()]


async def committed(world: World, placed: Placement) -> list[str]:
    events = await world.ledger.events.of_order(placed.workflow_id)
    return [event.type for event in events]


async def test_notifications_equal_the_transitions_after_kills(
    bare: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in LOOPBACK.items():
        monkeypatch.setenv(name, value)
    async with receiving() as shop:
        (folder / "endpoints.toml").write_text(_endpoint(shop.url))
        monkeypatch.setenv("BATON_ENDPOINTS_FILE", str(folder / "endpoints.toml"))
        async with worker_process(bare, folder) as worker:
            await eventually(lambda: bare.ledger.endpoints.states())
            orders = [await bare.place() for _ in range(6)]
            await asyncio.gather(*(bare.deposit_and_report(placed) for placed in orders[:3]))
            await eventually(lambda: shop.accepted)
            await worker.kill()
        async with worker_process(bare, folder) as worker:
            await asyncio.gather(*(bare.deposit_and_report(placed) for placed in orders[3:]))
            await eventually(lambda: len(shop.accepted) > 12)
            await worker.kill()
        async with worker_process(bare, folder):
            for placed in orders:
                assert (await bare.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
            for placed in orders:
                wanted = await committed(bare, placed)
                await eventually(lambda placed=placed, wanted=wanted: received(shop, placed) == wanted, within=40)
                statuses = [f"order.{status}" for status in await bare.statuses(placed)]
                assert sorted(wanted) == sorted(["order.placed", *statuses, "order.closed"])


def _endpoint(url: str) -> str:
    secret = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
    return f'[endpoints.shop]\nurl = "{url}"\nsecret = "{secret}"\n'
