"""Unexpected messages, and a ledger that cannot be written."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome
from baton.orders.names import OBSERVE
from baton.orders.observation import Observation, Source
from tests.eventually import eventually
from tests.replay.registry import PathRegistry, PathStage

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
