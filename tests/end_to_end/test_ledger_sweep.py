"""Rows that differ from Temporal are found and mended: lost, never written, terminated, reset."""

import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from baton.ledger import retention
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.recovery import keeper, sweep
from baton.recovery.differences import Difference, DifferenceKind
from baton.recovery.keeper import LedgerKeeper
from baton.recovery.sweep import Sweep
from tests.end_to_end.chain_orders import evm_chain
from tests.end_to_end.ledger_loss import lookups
from tests.end_to_end.test_addresses import accumulation
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.ledger.examples import order
from tests.temporal_server import temporal_server

BASE = evm_chain("0x" + "11" * 20, "http://127.0.0.1:9")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("swept")


@pytest.fixture(scope="module")
async def world(folder: Path) -> AsyncIterator[World]:
    """Run Baton with a worker that leaves the sweep to the tests; no write counts as under way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeper, "CHECK_INTERVAL", 3600.0)
        patch.setattr(sweep, "WRITE_TIME", timedelta(0))
        async with temporal_server() as temporal, running_world(temporal, folder, chains={"base": BASE}) as running:
            yield running


async def swept(world: World, placed: Placement, *, repair: bool) -> list[Difference]:
    """Sweep once; return the order's differences."""
    found = await Sweep(world.environment.client, world.ledger, ["base"], repair=repair).run()
    assert found.unread == []
    return [each for each in found.differences if each.workflow_id == placed.workflow_id]


async def swept_until(world: World, placed: Placement, kind: DifferenceKind) -> Difference:
    """Sweep until visibility shows the difference, mend it, and return it."""
    await eventually(lambda: swept(world, placed, repair=False))
    (difference,) = await swept(world, placed, repair=True)
    assert (difference.kind, difference.mended) == (kind, True)
    assert await swept(world, placed, repair=False) == []
    return difference


def execute(folder: Path, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as connection:
        connection.execute(statement, values)


async def recorded(world: World, placed: Placement) -> None:
    await eventually(lambda: world.ledger.order(placed.workflow_id), lambda row: row is not None)


async def reset_before_the_cancel(world: World, placed: Placement) -> None:
    """Reset the workflow to the task after its quote, without the cancel that came then."""
    history = await world.handle(placed).fetch_history()
    tasks = [e.event_id for e in history.events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED]
    cancelled = next(
        e.event_id
        for e in reversed(history.events)
        if e.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    )
    request = ResetWorkflowExecutionRequest(
        namespace=world.environment.client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=placed.workflow_id),
        reason="cancelled by mistake",
        workflow_task_finish_event_id=max(task for task in tasks if task < cancelled - 1),
        reset_reapply_type=ResetReapplyType.RESET_REAPPLY_TYPE_NONE,
        request_id=uuid.uuid4().hex,
    )
    await world.environment.client.workflow_service.reset_workflow_execution(request)


async def test_a_row_that_was_never_written_is_restored(world: World, folder: Path) -> None:
    placed = await world.place()
    await recorded(world, placed)
    found = await lookups(world, placed)
    for table in ("baton_orders", "baton_quote_index", "baton_watches"):
        execute(folder, f"DELETE FROM {table} WHERE workflow_id = ?", placed.workflow_id)

    await swept_until(world, placed, DifferenceKind.MISSING)

    assert await lookups(world, placed) == found
    assert placed.quote_id in {row.quote_id for row in await world.ledger.watching.watches("base")}


async def test_the_end_of_an_order_that_was_not_written_is_written(world: World, folder: Path) -> None:
    placed = await world.place()
    await recorded(world, placed)
    open_row = await world.ledger.order(placed.workflow_id)
    assert open_row
    await world.baton.cancel(placed.reference)
    await world.baton.wait(placed.reference)
    await eventually(lambda: world.ledger.order(placed.workflow_id), lambda row: row is not None and bool(row.outcome))
    execute(folder, "DELETE FROM baton_orders WHERE workflow_id = ?", placed.workflow_id)
    await world.ledger.write_order(open_row, [])

    await swept_until(world, placed, DifferenceKind.BEHIND)

    row = await world.ledger.order(placed.workflow_id)
    assert row
    assert (row.phase, row.outcome) == ("closed", "cancelled")


async def test_the_row_of_a_terminated_order_says_so(world: World) -> None:
    placed = await world.place()
    await recorded(world, placed)
    await world.handle(placed).terminate("by an operator")

    difference = await swept_until(world, placed, DifferenceKind.STOPPED)

    row = await world.ledger.order(placed.workflow_id)
    assert row
    assert (row.phase, row.outcome) == ("closed", "terminated")
    assert row.closed_at
    assert difference.message == "it is terminated, and the row says awaiting_deposit"


async def test_a_workflow_that_was_reset_has_its_row_and_its_watch_again(world: World) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)
    await world.baton.wait(placed.reference)
    await eventually(lambda: world.ledger.order(placed.workflow_id), lambda row: row is not None and bool(row.outcome))
    future = datetime.now(UTC) + timedelta(days=1)
    await world.ledger.watching.forget("base", closed_before=future, made_before=future)

    await reset_before_the_cancel(world, placed)
    await world.until(placed, phase="awaiting_deposit")
    await eventually(lambda: world.ledger.order(placed.workflow_id), lambda row: row is not None and not row.outcome)
    await swept(world, placed, repair=True)  # a reset that does not repeat the quote repeats no watch either

    assert placed.quote_id in {row.quote_id for row in await world.ledger.watching.watches("base")}
    await world.deposit_and_report(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    await eventually(
        lambda: world.ledger.order(placed.workflow_id), lambda row: row is not None and row.outcome == "completed"
    )
    assert await world.statuses(placed) == ["processing", "bridging", "swapping", "delivering", "completed"]


async def test_an_open_orders_address_without_a_watch_is_watched_again(world: World, folder: Path) -> None:
    placed = await world.place()
    await recorded(world, placed)
    execute(folder, "DELETE FROM baton_watches WHERE workflow_id = ?", placed.workflow_id)

    await swept_until(world, placed, DifferenceKind.UNWATCHED)


async def test_a_row_whose_workflow_temporal_does_not_know_is_reported(world: World) -> None:
    placed = await world.place()
    await recorded(world, placed)
    row = await world.ledger.order(placed.workflow_id)
    assert row
    lost = placed.model_copy(update={"workflow_id": f"{placed.workflow_id}-lost"})
    await world.ledger.write_order(row.model_copy(update={"workflow_id": lost.workflow_id}), [])

    (difference,) = await swept(world, lost, repair=True)

    assert (difference.kind, difference.mended) == (DifferenceKind.UNKNOWN, False)


async def test_a_terminated_address_raises_attention_in_its_row_once(world: World) -> None:
    till, untouched = [await world.baton.create_address(accumulation()) for _ in range(2)]
    await world.environment.client.get_workflow_handle(till.workflow_id).terminate()

    async def differences() -> list[Difference]:
        result = await Sweep(world.environment.client, world.ledger, repair=True).run()
        return [found for found in result.differences if found.workflow_id == till.workflow_id]

    [found] = await eventually(differences)
    assert (found.kind, found.mended) == (DifferenceKind.STOPPED, True)
    row = await world.ledger.sources.source("default", "address", till.reference)
    other = await world.ledger.sources.source("default", "address", untouched.reference)
    assert row is not None
    assert other is not None
    assert (row.attention, row.enabled, other.attention) == ("workflow_stopped", True, None)
    assert "terminated in Temporal" in str(row.snapshot["attention"])
    assert await differences() == []


async def test_orders_of_long_ago_are_deleted_a_while_at_each_check(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago, names = datetime.now(UTC) - timedelta(days=800), [f"order/default/long-ago-{n}" for n in range(3)]
    times = {"created_at": long_ago, "updated_at": long_ago, "closed_at": long_ago}
    for name in names:
        await world.ledger.write_order(order(name, phase="closed", outcome="completed", **times), [])
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(keeper, "FORGET_TIME", 0.0)
    monkeypatch.setattr(keeper, "SWEEP_INTERVAL", timedelta(0))
    await (own := LedgerKeeper(world.environment.client, world.ledger, [], kept=timedelta(days=700))).check()
    monkeypatch.setattr(keeper, "SWEEP_INTERVAL", timedelta(days=1))
    left = [await _rows_of(world, names)]
    for _ in range(3):
        await own.check()
        left.append(await _rows_of(world, names))
    assert left == [2, 1, 0, 0]


async def _rows_of(world: World, names: list[str]) -> int:
    return len(await world.ledger.comparison.states(names))
