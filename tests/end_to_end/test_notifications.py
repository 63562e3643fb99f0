"""Worker and gateway are killed while orders run: each order's notifications still equal its committed transitions."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.local.stack.ports import free_ports
from baton.notifications.signing import new_secret
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.end_to_end.worker_process import gateway_process, worker_process
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.notifications.receiver import Receiver, receiving
from tests.postgres import postgres
from tests.temporal_server import temporal_server

__all__ = ["postgres"]

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(params=["sqlite", "postgresql"])
async def bare(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Run Baton without a worker and a gateway, once for each database of the ledger."""
    url = request.getfixturevalue("postgres").create_database() if request.param == "postgresql" else ""
    port = free_ports(1)[0]
    async with (
        temporal_server() as temporal,
        running_world(temporal, tmp_path, with_worker=False, ledger_url=url, gateway_port=port) as world,
    ):
        yield world


def received(shop: Receiver, placed: Placement) -> list[str]:
    """Return the types that the endpoint accepted of an order, each event once, in the order in which it came."""
    events = {each.id: each.event for each in shop.accepted if each.event["reference"] == placed.reference}
    return [str(event["type"]) for event in events.values()]


async def committed(world: World, placed: Placement) -> list[str]:
    events = await world.ledger.events.of_order(placed.workflow_id)
    return [event.type for event in events]


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """Run an endpoint, which the workers and gateways of the test find in their settings."""
    async with receiving() as receiver:
        file = tmp_path / "endpoints.toml"
        file.write_text(f'[endpoints.shop]\nurl = "{receiver.url}"\nsecret = "{new_secret()}"\n')
        monkeypatch.setenv("BATON_ENDPOINTS_FILE", str(file))
        monkeypatch.setenv("BATON_NOTIFY_NETWORKS", "127.0.0.0/8")
        yield receiver


async def until_notified(world: World, shop: Receiver, placed: Placement) -> None:
    """Wait until the endpoint has what was committed; it is every transition, after the end."""
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    wanted = await committed(world, placed)
    await eventually(lambda: received(shop, placed), lambda got: got == wanted, within=40)
    statuses = [f"order.{status}" for status in await world.statuses(placed)]
    assert sorted(wanted) == sorted(["order.placed", *statuses, "order.closed"])


async def test_notifications_equal_the_transitions_after_kills(bare: World, shop: Receiver, tmp_path: Path) -> None:
    async with gateway_process(bare, tmp_path) as gateway, worker_process(bare, tmp_path) as worker:
        await eventually(lambda: bare.ledger.endpoints.states())
        orders = [await bare.place() for _ in range(6)]
        await asyncio.gather(*(bare.deposit_and_report(placed) for placed in orders[:2]))
        await eventually(lambda: len(shop.accepted) > 6)
        await gateway.kill()
        await bare.deposit_and_report(orders[2])
        await worker.kill()
    async with gateway_process(bare, tmp_path) as gateway, worker_process(bare, tmp_path) as worker:
        await asyncio.gather(*(bare.deposit_and_report(placed) for placed in orders[3:]))
        before = len(shop.accepted)
        await eventually(lambda: len(shop.accepted) > before + 3)
        await worker.kill()
        await gateway.kill()
    async with gateway_process(bare, tmp_path), worker_process(bare, tmp_path):
        await asyncio.gather(*(until_notified(bare, shop, placed) for placed in orders))
