"""A ledger that cannot be written for a while: the end of an order and what asks somebody are written all the same."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from baton.ledger.rows import OrderRow
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.names import adopted_reference, order_workflow_id
from tests.end_to_end.test_adopting import adopted_order
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import temporal_server
from worker import WORKFLOW_TASKS

MANY = WORKFLOW_TASKS + 5
"""More orders than a worker takes tasks of at a time."""


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """Yield a Temporal server of its own: the SDK runs one worker for a task queue of a client."""
    async with temporal_server() as running:
        yield running


@pytest.fixture
async def fragile(server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[tuple[World, Path]]:
    """Yield a Baton of its own with its ledger's file."""
    async with running_world(server, tmp_path) as world:
        yield world, tmp_path / "ledger.db"


@asynccontextmanager
async def broken(file: Path) -> AsyncIterator[None]:
    """Let every write of an order fail until the end of the block."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("ALTER TABLE baton_orders RENAME TO away")
        try:
            yield
        finally:
            connection.execute("ALTER TABLE away RENAME TO baton_orders")


async def row_of(world: World, placed: Placement) -> OrderRow | None:
    return await world.ledger.order(placed.workflow_id)


async def records_scheduled(world: World, placed: Placement) -> int:
    """Return how many activities were scheduled to write the order's row."""
    history = await world.handle(placed).fetch_history()
    scheduled = (event.activity_task_scheduled_event_attributes for event in history.events)
    return sum(activity.activity_type.name == "record_order" for activity in scheduled)


async def tracked(world: World) -> Placement:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    await world.until(placed, status="processing")
    return placed


async def test_an_end_is_written_once_the_ledger_works_again(fragile: tuple[World, Path]) -> None:
    world, file = fragile
    placed = await tracked(world)
    async with broken(file):
        for _ in range(4):
            await world.sandbox.advance((await world.snapshot(placed)).order_id)
        await eventually(lambda: records_scheduled(world, placed))
        assert (await world.snapshot(placed)).outcome is Outcome.COMPLETED
        assert (await world.handle(placed).describe()).status is WorkflowExecutionStatus.RUNNING

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    row = await row_of(world, placed)
    assert row is not None
    assert (row.phase, row.status, row.outcome) == ("closed", "completed", "completed")
    assert (await world.statuses(placed))[-1] == "completed"


async def test_an_end_is_written_although_temporal_is_asked_to_cancel(fragile: tuple[World, Path]) -> None:
    world, file = fragile
    placed = await tracked(world)
    async with broken(file):
        for _ in range(4):
            await world.sandbox.advance((await world.snapshot(placed)).order_id)
        await eventually(lambda: records_scheduled(world, placed))
        await world.handle(placed).cancel()

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    row = await row_of(world, placed)
    assert row is not None
    assert row.outcome == "completed"


async def test_money_that_comes_before_the_end_is_written_reopens_the_order(fragile: tuple[World, Path]) -> None:
    world, file = fragile
    placed = await world.place(policy={"onQuoteExpiry": "expire"})
    async with broken(file):
        await world.pass_expiry(placed)
        await eventually(lambda: records_scheduled(world, placed))
        assert (await world.snapshot(placed)).outcome is Outcome.EXPIRED
        proof = await world.deposit(placed)
        deposit = {"chain": "base", "tx_id": proof.tx_hash, "index": "0", "address": placed.deposit_address}
        amount = {"asset": "0xusdc", "symbol": "USDC", "amount": "100000000", "state": "final"}
        await world.handle(placed).signal("notice_deposit", [{"deposit": {**deposit, **amount}}])
        await eventually(lambda: world.snapshot(placed), lambda order: order.outcome is not Outcome.EXPIRED)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    row = await row_of(world, placed)
    assert row is not None
    assert row.outcome == "completed"


async def test_attention_is_written_later_and_delays_nothing(fragile: tuple[World, Path]) -> None:
    world, file = fragile
    placed = await tracked(world)
    async with broken(file):
        await world.baton.report_deposit(placed.reference, DepositProof(tx_hash="0x" + "ab" * 32))
        await eventually(lambda: records_scheduled(world, placed))
        await world.sandbox.advance((await world.snapshot(placed)).order_id)
        await world.until(placed, status="bridging")

    await eventually(lambda: row_of(world, placed), lambda row: row is not None and row.attention == "second_deposit")
    await world.sandbox.advance((await world.snapshot(placed)).order_id)
    row = await eventually(lambda: row_of(world, placed), lambda row: row is not None and row.status == "swapping")
    assert row is not None
    assert row.attention == "second_deposit"


async def test_progress_that_could_not_be_written_is_left_to_the_next_write(fragile: tuple[World, Path]) -> None:
    world, file = fragile
    placed = await tracked(world)
    await eventually(lambda: world.statuses(placed), lambda statuses: "processing" in statuses)
    async with broken(file):
        await world.sandbox.advance((await world.snapshot(placed)).order_id)
        await world.until(placed, status="bridging")

    await world.sandbox.advance((await world.snapshot(placed)).order_id)

    await eventually(lambda: world.statuses(placed), lambda statuses: statuses[-2:] == ["bridging", "swapping"])
    assert await records_scheduled(world, placed) == 0


async def test_orders_that_all_end_at_once_all_have_their_rows(fragile: tuple[World, Path]) -> None:
    world, _ = fragile
    orders = [await world.sandbox.foreign_order("elsewhere", scenario="stepped") for _ in range(MANY)]
    references = [adopted_reference(order["id"]) for order in orders]
    for reference in references:
        await adopted_order(world, reference)

    for _ in range(4):
        await asyncio.gather(*(world.sandbox.advance(order["id"]) for order in orders))
    await asyncio.gather(*(world.baton.wait(reference) for reference in references))

    rows = [await world.ledger.order(order_workflow_id("default", reference)) for reference in references]
    assert [(row.phase, row.outcome) if row else None for row in rows] == [("closed", "completed")] * MANY
