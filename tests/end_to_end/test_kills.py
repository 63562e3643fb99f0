"""The worker is killed at every critical moment; a new one finishes the order, and nothing happens twice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from tests.end_to_end.worker_process import worker_process
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import AFTER_KILL, temporal_server

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kills")


@pytest.fixture(scope="module")
async def bare(folder: Path) -> AsyncIterator[World]:
    """Run Baton without a worker, on its own Temporal server."""
    async with temporal_server(**AFTER_KILL) as temporal, running_world(temporal, folder, with_worker=False) as world:
        yield world


async def keys_of(world: World, placed: Placement | str) -> set[str]:
    reference = placed if isinstance(placed, str) else placed.reference
    calls = [*await world.sandbox.requests("quote"), *await world.sandbox.requests("submit")]
    keys = [call["idempotencyKey"] for call in calls if f"/{reference}/" in call["idempotencyKey"]]
    return {key.split(f"/{reference}/")[1] for key in keys}


async def finished_once(world: World, placed: Placement) -> None:
    """Check that the order completed, as one order from one deposit, under its first keys."""
    result = await eventually_result(world, placed)
    assert result is Outcome.COMPLETED
    orders = [order for order in await world.sandbox.orders() if order["quoteId"] == placed.quote_id]
    assert len(orders) == 1
    assert await keys_of(world, placed) == {"quote/1", "submit/1"}
    assert await world.sandbox.violations() == []


async def eventually_result(world: World, placed: Placement) -> Outcome:
    async with asyncio.timeout(60):
        return (await world.baton.wait(placed.reference)).outcome


async def test_killed_during_the_quote_call_the_order_takes_that_quote(bare: World, folder: Path) -> None:
    fault = await bare.sandbox.fault("quote", "hold_after")
    document = bare.document()
    async with worker_process(bare, folder) as worker:
        placing = asyncio.create_task(bare.baton.place(document))
        await eventually(lambda: keys_of(bare, document["reference"]))
        await worker.kill()
    await bare.sandbox.release(fault)

    async with worker_process(bare, folder):
        placed = await placing
        await bare.deposit_and_report(placed)
        await finished_once(bare, placed)

    quotes = [quote for quote in await bare.sandbox.quotes() if quote["depositAddress"] == placed.deposit_address]
    assert len(quotes) == 1


async def test_killed_after_the_quote_the_order_continues(bare: World, folder: Path) -> None:
    async with worker_process(bare, folder) as worker:
        placed = await bare.place()
        await worker.kill()

    async with worker_process(bare, folder):
        await bare.deposit_and_report(placed)
        await finished_once(bare, placed)


async def test_killed_before_the_submits_answer_the_deposit_makes_one_order(bare: World, folder: Path) -> None:
    async with worker_process(bare, folder) as worker:
        placed = await bare.place(scenario="stepped")
        await bare.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
        fault = await bare.sandbox.fault("submit", "hold_after", quoteId=placed.quote_id)
        await bare.deposit_and_report(placed)
        await eventually(lambda: submitted(bare, placed))
        await worker.kill()
    await bare.sandbox.release(fault)

    async with worker_process(bare, folder):
        snapshot = await eventually(
            lambda: bare.snapshot(placed), lambda snapshot: snapshot.phase is Phase.TRACKING, within=40
        )
        calls = [call for call in await bare.sandbox.requests("submit") if placed.reference in call["idempotencyKey"]]
        assert len(calls) > 1
        assert len({call["idempotencyKey"] for call in calls}) == 1
        assert calls[-1]["replayed"]
        for _ in range(4):
            await bare.sandbox.advance(snapshot.order_id)
        await bare.baton.refresh(placed.reference)
        await finished_once(bare, placed)


async def submitted(world: World, placed: Placement) -> bool:
    return "submit/1" in await keys_of(world, placed)


async def test_killed_while_tracking_no_webhook_is_lost(bare: World, folder: Path) -> None:
    async with worker_process(bare, folder) as worker:
        placed = await bare.place(scenario="stepped")
        await bare.deposit_and_report(placed)
        snapshot = await bare.until(placed, status="processing")
        await bare.sandbox.advance(snapshot.order_id)
        await bare.until(placed, status="bridging")
        await worker.kill()
    for _ in range(3):
        await bare.sandbox.advance(snapshot.order_id)

    async with worker_process(bare, folder):
        await finished_once(bare, placed)

    assert await bare.statuses(placed) == ["processing", "bridging", "swapping", "delivering", "completed"]


async def test_a_stopping_worker_lets_its_running_call_finish(bare: World, folder: Path) -> None:
    fault = await bare.sandbox.fault("quote", "slow", seconds=1.0)
    document = bare.document()
    async with worker_process(bare, folder) as worker:
        placing = asyncio.create_task(bare.baton.place(document))
        await eventually(lambda: hit(bare, fault))
        assert await worker.stop() == 0

    async with worker_process(bare, folder):
        placed = await placing
    calls = [call for call in await bare.sandbox.requests("quote") if placed.reference in call["idempotencyKey"]]
    assert len(calls) == 1


async def hit(world: World, fault: str) -> bool:
    return any(entry["id"] == fault and entry["hits"] for entry in await world.sandbox.faults())
