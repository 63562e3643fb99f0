"""The daily reconciliation: what differs gets attention or a workflow, and the report is kept."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import ScheduleCalendarSpec
from temporalio.service import RPCError

from baton.orders.models import Outcome
from baton.orders.names import WORKFLOW_QUEUE, adopted_reference
from baton.reconciliation import verdicts
from baton.reconciliation.last_report import last_reconciliation
from baton.reconciliation.messages import (
    RECONCILE_WORKFLOW,
    Reconcile,
    ReconcileReport,
    period_before,
    reconcile_schedule_id,
)
from baton.reconciliation.schedules import ReconcileSchedules
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import temporal_server

NOW = datetime(2026, 11, 29, 4, 0, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Run Baton on a server of its own: a report lists a hundred orders, and other tests leave more that differ."""
    async with temporal_server() as temporal, running_world(temporal, tmp_path_factory.mktemp("books")) as running:
        yield running


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let changes count that are a moment old."""
    monkeypatch.setattr(verdicts, "GRACE", timedelta(0))


@pytest.fixture
async def unheard(world: World) -> AsyncIterator[None]:
    """Hold back every webhook."""
    held = await world.sandbox.hold_webhooks()
    yield
    await world.sandbox.remove_webhook_fault(held)


async def reconciled(world: World) -> ReconcileReport:
    now = datetime.now(UTC)
    call = Reconcile(account="default", since=now - timedelta(hours=1), until=now + timedelta(hours=1))
    report: ReconcileReport = await world.environment.client.execute_workflow(
        RECONCILE_WORKFLOW,
        call,
        id=f"{reconcile_schedule_id('default')}-by-hand-{now.timestamp()}",
        task_queue=WORKFLOW_QUEUE,
        result_type=ReconcileReport,
    )
    return report


@pytest.mark.usefixtures("at_once", "unheard")
async def test_an_order_whose_books_differ_needs_a_person_after_its_end(world: World) -> None:
    placed = await world.place(scenario="stepped")
    proof = await world.deposit_and_report(placed)
    running = await world.until(placed, status="processing")
    assert running.order_id is not None
    named = [running.order_id, proof.transaction_id]
    await world.baton.close_by_hand(placed.reference, outcome=Outcome.FAILED, note="thought lost", despite=named)
    await world.sandbox.advance(running.order_id, "completed")

    report = await reconciled(world)

    (line,) = [order for order in report.orders if order.reference == placed.reference]
    assert (line.verdict, line.done) == ("wrong", "a person is asked to look")
    assert any("completed there" in difference for difference in line.differences)
    attended = await eventually(lambda: world.snapshot(placed), lambda order: bool(order.attentions))
    assert [attention.reason for attention in attended.attentions] == ["books_differ"]
    assert "Orchestra's books differ from Baton's: " in attended.attentions[0].message


@pytest.mark.usefixtures("at_once", "unheard")
async def test_an_order_that_nothing_reported_is_adopted(world: World) -> None:
    placed = await world.place()
    await eventually(lambda: world.ledger.order(placed.workflow_id))
    request = {"recipientAddress": world.document()["recipientAddress"]}
    order = await world.sandbox.foreign_order("elsewhere", scenario="stepped", request=request)

    report = await reconciled(world)

    (line,) = [found for found in report.orders if found.order_id == order["id"]]
    assert (line.verdict, line.done.split()[0]) == ("unknown_here", "started")
    assert (await world.baton.snapshot(adopted_reference(order["id"]))).order_id == order["id"]


async def test_an_open_order_that_a_read_settles_needs_nobody(world: World, at_once: None, unheard: None) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    running = await world.until(placed, status="processing")
    assert running.order_id is not None
    await eventually(lambda: world.ledger.order(placed.workflow_id), lambda row: row and row.status == "processing")
    await world.sandbox.advance(running.order_id, "completed")

    report = await reconciled(world)

    (line,) = [order for order in report.orders if order.reference == placed.reference]
    assert line.done == "it was read once more, and has ended"
    assert (await world.snapshot(placed)).attentions == []


async def test_the_schedule_starts_the_reconciliation_and_its_report_is_kept(world: World) -> None:
    client = world.environment.client
    schedules = ReconcileSchedules(client, {"default": world.account}, "04:30")
    await schedules.keep()
    handle = client.get_schedule_handle(reconcile_schedule_id("default"))
    spec: Any = (await handle.describe()).schedule.spec.calendars[0]

    await handle.trigger()

    assert isinstance(spec, ScheduleCalendarSpec)
    assert (spec.hour[0].start, spec.minute[0].start) == (4, 30)
    found = await eventually(
        lambda: last_reconciliation(client, "default"), lambda last: bool(last and last.report), within=30
    )
    assert found is not None
    assert found.report is not None
    assert found.report.until - found.report.since == timedelta(days=1)
    await ReconcileSchedules(client, {"default": world.account}, "off").keep()
    with pytest.raises(RPCError):
        await handle.describe()


def test_a_reconciliation_without_a_period_is_about_the_last_whole_day() -> None:
    assert period_before(Reconcile(account="default"), NOW) == (
        datetime(2026, 11, 28, tzinfo=UTC),
        datetime(2026, 11, 29, tzinfo=UTC),
    )
