"""What nobody should send but somebody will, and a ledger that cannot be written."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from orchestra.lifecycle import Status
from tests.eventually import eventually
from tests.replay.registry import Paths, Stage
from workflows.identity import OBSERVE
from workflows.models import Outcome, Placement

PATHS = Paths()


@PATHS.ending(Outcome.REFUNDED)
async def forbidden_move_settled_by_a_read(stage: Stage) -> Placement:
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    seen = await stage.world.until(placed, status="processing")
    await stage.world.sandbox.advance(seen.order_id, Status.REFUNDING)
    await stage.world.until(placed, status="refunding")
    await _tell(stage, placed, seen.order_id, "bridging")

    async def reads() -> list[dict]:
        return [read for read in await stage.world.sandbox.requests("status") if seen.order_id in str(read)]

    await eventually(reads)
    await stage.world.sandbox.advance(seen.order_id, Status.REFUNDED)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def unreadable_envelope(stage: Stage) -> Placement:
    placed = await stage.place()
    await stage.world.handle(placed).signal(OBSERVE, [{"source": "webhook", "record": {"status": 7}}, "junk"])
    await eventually(lambda: stage.world.snapshot(placed), lambda seen: len(seen.anomalies) == 2)
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def unknown_status(stage: Stage) -> Placement:
    """A status that this version does not know is kept and shown; what comes after it is believed."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    seen = await stage.world.until(placed, status="processing")
    await _tell(stage, placed, seen.order_id, "polishing", at=seen.updated_at.isoformat())
    await stage.world.until(placed, status="polishing")
    for _ in range(4):
        await stage.world.sandbox.advance(seen.order_id)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def ledger_not_writable_for_a_while(stage: Stage) -> Placement:
    placed = await stage.place()
    with _locked(stage):
        await stage.world.handle(placed).signal(OBSERVE, "junk")
        await eventually(lambda: stage.world.snapshot(placed), lambda seen: len(seen.anomalies) == 1)
        await eventually(lambda: _markers(stage, placed), lambda made: made == 2)
    await stage.world.deposit_and_report(placed)
    return placed


async def _tell(stage: Stage, placed: Placement, order_id: str, status: str, at: str = "2100-01-01T00:00:00Z") -> None:
    record = {"id": order_id, "status": status, "updatedAt": at}
    envelope = {"source": "webhook", "event": f"order.{status}", "record": record}
    await stage.world.handle(placed).signal(OBSERVE, envelope)


async def _markers(stage: Stage, placed: Placement) -> int:
    history = await stage.world.handle(placed).fetch_history()
    return sum(event.HasField("marker_recorded_event_attributes") for event in history.events)


@contextmanager
def _locked(stage: Stage) -> Iterator[None]:
    """Hold the ledger's file locked, so that nothing can be written."""
    with closing(sqlite3.connect(stage.ledger_file, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
