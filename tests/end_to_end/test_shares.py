"""Processes that serve different queues: together they run an order, and none does another's work."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.orders.models import Outcome
from tests.end_to_end.worker_process import worker_process
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import AFTER_KILL, temporal_server

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shares")


@pytest.fixture(scope="module")
async def bare(folder: Path) -> AsyncIterator[World]:
    """Run Baton without a worker, on its own Temporal server."""
    async with temporal_server(**AFTER_KILL) as temporal, running_world(temporal, folder, with_worker=False) as world:
        yield world


def two_accounts(world: World, folder: Path) -> str:
    """Return a partners file with the world's account and another."""
    account = world.account
    table = f'base_url = "{account.base_url}"\napi_key = "{account.api_key.get_secret_value()}"\n'
    file = folder / "partners.toml"
    file.write_text(f"[accounts.default]\n{table}[accounts.other]\n{table}")
    return str(file)


async def test_workflows_calls_and_polls_in_processes_of_their_own_run_an_order(bare: World, folder: Path) -> None:
    settings = {"BATON_PARTNERS_FILE": two_accounts(bare, folder)}
    async with (
        worker_process(bare, folder, BATON_ONLY="workflows", BATON_ACCOUNTS="other", **settings),
        worker_process(bare, folder, BATON_ONLY="partner", BATON_ACCOUNTS="default", **settings),
        worker_process(bare, folder, BATON_ONLY="polls,notify,watch", **settings),
    ):
        placed = await bare.place(scenario="no_webhooks")
        await bare.deposit_and_report(placed)
        await eventually(bare.sandbox.orders, lambda orders: [order["status"] for order in orders] == ["completed"])
        await bare.until(placed, phase="tracking")
        await bare.advance(placed, minutes=2)  # a poll is due
        result = await bare.baton.wait(placed.reference)
    assert result.outcome is Outcome.COMPLETED
    history = await bare.handle(placed).fetch_history()
    queues = {
        event.activity_task_scheduled_event_attributes.task_queue.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    }
    assert {"baton-partner-default", "baton-poll-default"} <= queues
