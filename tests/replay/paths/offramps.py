"""Off-ramps: orders that pay out over Lightning."""

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.end_to_end.test_offramps import OFFRAMP
from tests.replay.registry import PathRegistry, PathStage

PATHS = PathRegistry()


@PATHS.ending(Outcome.COMPLETED)
async def offramp_paid_out(stage: PathStage) -> Placement:
    placed = await stage.world.baton.place({**OFFRAMP, "reference": stage.reference})
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.REFUNDED, refund=Outcome.REFUNDED)
async def offramp_refunded(stage: PathStage) -> Placement:
    placed = await stage.world.baton.place({**OFFRAMP, "reference": stage.reference})
    await stage.world.sandbox.set_scenario("refund_from_delivering", placed.quote_id)
    await stage.world.deposit_and_report(placed)
    return placed
