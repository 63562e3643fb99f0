"""An order so long that its run continues as a new one, several times; each of the runs is a history of its own."""

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.names import OBSERVE
from tests.replay.registry import CONTINUED, OrderPath, Paths, Stage

PATHS = Paths()

WAY = ("bridging", "swapping", "delivering", "completed")


async def long_order(stage: Stage) -> Placement:
    """Lead an order through many signals and reads, before its deposit and between its statuses."""
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


async def stir(stage: Stage, placed: Placement, times: int) -> None:
    """Send that many signals that mean nothing, each seen before the next."""
    held = len((await stage.world.snapshot(placed)).anomalies)
    for number in range(held, held + times):
        await stage.world.handle(placed).signal(OBSERVE, f"noise {number}")
        await _until_anomalies(stage, placed, number + 1)


async def _until_anomalies(stage: Stage, placed: Placement, count: int) -> None:
    await stage.until(placed, lambda seen: len(seen.anomalies) == count)


PATHS.add(OrderPath("continued_first_run", long_order, CONTINUED, run=0, early=True))
PATHS.add(OrderPath("continued_middle_run", long_order, CONTINUED, run=1, early=True))
PATHS.add(OrderPath("continued_last_run", long_order, Outcome.COMPLETED, run=-1, early=True))
