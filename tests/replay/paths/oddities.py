"""Unexpected messages, and a ledger that cannot be written."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orders.answers import Placement, Snapshot
from baton.orders.messages import RECORD_ORDER
from baton.orders.models import Outcome
from baton.orders.names import OBSERVE
from baton.orders.observation import Observation, Source
from baton.orders.visibility import STATUS
from tests.eventually import eventually
from tests.replay.registry import OPEN, PathRegistry, PathStage

PATHS = PathRegistry()

FAR = datetime(2100, 1, 1, tzinfo=UTC)
"""Later than everything else: a forged webhook must be the newest."""


@PATHS.ending(Outcome.REFUNDED, refund="refunded")
async def forbidden_move_settled_by_a_read(stage: PathStage) -> Placement:
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.move(placed, status=Status.REFUNDING)
    snapshot = await stage.world.until(placed, status="refunding")
    await _observe(stage, snapshot, "bridging", at=FAR)
    await eventually(lambda: stage.world.sandbox.requests("status"))
    await stage.move(placed, status=Status.REFUNDED)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def unreadable_envelope(stage: PathStage) -> Placement:
    placed = await stage.place()
    await stage.world.handle(placed).signal(OBSERVE, [{"source": "webhook", "record": {"status": 7}}, "junk"])
    await stage.until(placed, lambda snapshot: len(snapshot.anomalies) == 2)
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def unknown_status(stage: PathStage) -> Placement:
    """A status that this version does not know is kept and shown; later statuses count as usual."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    snapshot = await stage.until(placed, lambda snapshot: snapshot.updated_at is not None)
    assert snapshot.updated_at is not None
    await _observe(stage, snapshot, "polishing", at=snapshot.updated_at)
    await stage.world.until(placed, status="polishing")
    await stage.move(placed, times=4)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def ledger_too_slow_for_a_while(stage: PathStage) -> Placement:
    """The write of the read model times out."""
    placed = await stage.place()
    with _ledger(stage) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        await _observe_without_ledger(stage, placed)
        connection.execute("ROLLBACK")
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def ledger_broken_for_a_while(stage: PathStage) -> Placement:
    """The write of the read model fails at once."""
    placed = await stage.place()
    with _ledger(stage) as connection:
        connection.execute("ALTER TABLE baton_orders RENAME TO away")
        await _observe_without_ledger(stage, placed)
        connection.execute("ALTER TABLE away RENAME TO baton_orders")
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def ledger_broken_at_the_end(stage: PathStage) -> Placement:
    """The order ends while the read model cannot be written, and waits until its end is written."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.until_recorded(placed, "processing")
    with _ledger(stage) as connection:
        connection.execute("ALTER TABLE baton_orders RENAME TO away")
        await stage.move(placed, times=4)
        await eventually(lambda: _has_scheduled_record(stage, placed))
        connection.execute("ALTER TABLE away RENAME TO baton_orders")
    return placed


@PATHS.ending(OPEN)
async def open_attention_not_recorded(stage: PathStage) -> Placement:
    """An attention that cannot be written is written by an activity, beside the order."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.until_recorded(placed, "processing")
    with _ledger(stage) as connection:
        connection.execute("ALTER TABLE baton_orders RENAME TO away")
        await stage.world.advance(placed, hours=2)
        await eventually(lambda: _has_scheduled_record(stage, placed))
        connection.execute("ALTER TABLE away RENAME TO baton_orders")
    await eventually(
        lambda: stage.world.ledger.order(placed.workflow_id), lambda row: row is not None and row.attention is not None
    )
    return placed


@PATHS.ending(OPEN)
async def open_progress_listed(stage: PathStage) -> Placement:
    """A status that stands is written to the search attributes."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.until_recorded(placed, "processing")
    await stage.move(placed)
    await stage.until(placed, lambda snapshot: snapshot.status != "processing")
    await stage.world.advance(placed, minutes=10)
    await eventually(lambda: _is_listed(stage, placed))
    return placed


async def _has_scheduled_record(stage: PathStage, placed: Placement) -> bool:
    history = await stage.world.handle(placed).fetch_history()
    scheduled = (event.activity_task_scheduled_event_attributes for event in history.events)
    return any(activity.activity_type.name == RECORD_ORDER for activity in scheduled)


async def _is_listed(stage: PathStage, placed: Placement) -> bool:
    described = await stage.world.handle(placed).describe()
    return described.typed_search_attributes.get(STATUS) not in (None, "processing")


async def _observe_without_ledger(stage: PathStage, placed: Placement) -> None:
    handle = stage.world.handle(placed)
    await handle.signal(OBSERVE, "junk")

    async def has_failed() -> bool:
        history = await handle.fetch_history()
        return any(event.marker_recorded_event_attributes.HasField("failure") for event in history.events)

    await eventually(has_failed)


def _ledger(stage: PathStage) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(stage.ledger_file, isolation_level=None))


async def _observe(stage: PathStage, snapshot: Snapshot, status: str, *, at: datetime) -> None:
    """Send the signal of a webhook that reports this status."""
    record = OrderRecord(id=snapshot.order_id or "", status=status, updated_at=at)
    observation = Observation(source=Source.WEBHOOK, event=f"order.{status}", record=record)
    handle = stage.world.environment.client.get_workflow_handle(snapshot.workflow_id)
    await handle.signal(OBSERVE, observation.envelope())
