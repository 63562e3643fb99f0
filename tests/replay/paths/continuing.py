"""A long order that continues as new several times; each run has a history of its own."""

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.names import OBSERVE
from tests.replay.registry import CONTINUED, OrderPath, PathRegistry, PathStage

PATHS = PathRegistry()

WAY = ("bridging", "swapping", "delivering", "completed")


async def long_order(stage: PathStage) -> Placement:
    """Run an order with many signals and reads, before its deposit and between its statuses."""
    placed = await stage.place(scenario="stepped")
    await stir(stage, placed, 8)
    await stage.world.deposit_and_report(placed)
    await stage.world.until(placed, status="processing")
    for status in WAY:
        await stir(stage, placed, 6)
        await stage.world.baton.refresh(placed.reference)
        await stage.move(placed)
        await stage.world.until(placed, status=status)
    return placed


async def stir(stage: PathStage, placed: Placement, times: int) -> None:
    """Send so many meaningless signals, and wait for the effect of each."""
    known = len((await stage.world.snapshot(placed)).anomalies)
    for number in range(known, known + times):
        await stage.world.handle(placed).signal(OBSERVE, f"noise {number}")
        await _until_anomalies(stage, placed, number + 1)


async def _until_anomalies(stage: PathStage, placed: Placement, count: int) -> None:
    await stage.until(placed, lambda snapshot: len(snapshot.anomalies) == count)


PATHS.add(OrderPath("continued_first_run", long_order, CONTINUED, run=0, early=True))
PATHS.add(OrderPath("continued_middle_run", long_order, CONTINUED, run=1, early=True))
PATHS.add(OrderPath("continued_last_run", long_order, Outcome.COMPLETED, run=-1, early=True))
