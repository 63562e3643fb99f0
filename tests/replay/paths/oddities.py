"""What nobody should send but somebody will, and a ledger that cannot be written."""

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
from tests.replay.registry import Paths, Stage

PATHS = Paths()

FAR = datetime(2100, 1, 1, tzinfo=UTC)
"""Later than everything that happens: a forged webhook wants to be the newest."""


@PATHS.ending(Outcome.REFUNDED, refund="refunded")
async def forbidden_move_settled_by_a_read(stage: Stage) -> Placement:
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    await stage.move(placed, status=Status.REFUNDING)
    seen = await stage.world.until(placed, status="refunding")
    await _tell(stage, seen, "bridging", at=FAR)
    await eventually(lambda: stage.world.sandbox.requests("status"))
    await stage.move(placed, status=Status.REFUNDED)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def unreadable_envelope(stage: Stage) -> Placement:
    placed = await stage.place()
    await stage.world.handle(placed).signal(OBSERVE, [{"source": "webhook", "record": {"status": 7}}, "junk"])
    await stage.until(placed, lambda seen: len(seen.anomalies) == 2)
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def unknown_status(stage: Stage) -> Placement:
    """A status that this version does not know is kept and shown; what comes after it is believed."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    seen = await stage.until(placed, lambda seen: seen.updated_at is not None)
    assert seen.updated_at is not None
    await _tell(stage, seen, "polishing", at=seen.updated_at)
    await stage.world.until(placed, status="polishing")
    await stage.move(placed, times=4)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def ledger_too_slow_for_a_while(stage: Stage) -> Placement:
    """The write of the read model takes longer than it is given."""
    placed = await stage.place()
    with _ledger(stage) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        await _tell_what_cannot_be_written(stage, placed)
        connection.execute("ROLLBACK")
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def ledger_broken_for_a_while(stage: Stage) -> Placement:
    """The write of the read model fails at once."""
    placed = await stage.place()
    with _ledger(stage) as connection:
        connection.execute("ALTER TABLE baton_orders RENAME TO away")
        await _tell_what_cannot_be_written(stage, placed)
        connection.execute("ALTER TABLE away RENAME TO baton_orders")
    await stage.world.deposit_and_report(placed)
    return placed


async def _tell_what_cannot_be_written(stage: Stage, placed: Placement) -> None:
    handle = stage.world.handle(placed)
    await handle.signal(OBSERVE, "junk")

    async def tried() -> bool:
        history = await handle.fetch_history()
        return any(event.marker_recorded_event_attributes.HasField("failure") for event in history.events)

    await eventually(tried)


def _ledger(stage: Stage) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(stage.ledger_file, isolation_level=None))


async def _tell(stage: Stage, seen: Snapshot, status: str, *, at: datetime) -> None:
    """Signal what a webhook would say if the partner moved the order so."""
    record = OrderRecord(id=seen.order_id or "", status=status, updated_at=at)
    told = Observation(source=Source.WEBHOOK, event=f"order.{status}", record=record)
    handle = stage.world.environment.client.get_workflow_handle(seen.workflow_id)
    await handle.signal(OBSERVE, told.envelope())
