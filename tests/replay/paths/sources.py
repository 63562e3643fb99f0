"""The happy path of each kind of source."""

from baton.local.stack.showcase import SHOWPIECES, Showpiece
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.replay.registry import Lead, OrderPath, PathRegistry, PathStage

PATHS = PathRegistry()


def _reported(piece: Showpiece) -> Lead:
    async def lead(stage: PathStage) -> Placement:
        placed = await stage.place(**piece.document)
        await stage.world.deposit_and_report(placed)
        return placed

    return lead


for _piece in SHOWPIECES:
    PATHS.add(OrderPath(_piece.name.replace("-", "_"), _reported(_piece), Outcome.COMPLETED))


@PATHS.ending(Outcome.COMPLETED)
async def exact_out(stage: PathStage) -> Placement:
    placed = await stage.place(
        sourceChain="bitcoin",
        sourceAsset="BTC",
        destinationChain="base",
        destinationAsset="USDC",
        amountMode="exact_out",
        amount="100000000",
        recipientAddress="0x52908400098527886E0F7030069857D2E4169EE7",
        refundAddress="bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    )
    await stage.world.deposit_and_report(placed)
    return placed


@PATHS.ending(Outcome.COMPLETED)
async def webhooks_one_by_one(stage: PathStage) -> Placement:
    """Every status lasts long enough to have a signal of its own."""
    placed = await stage.place(scenario="stepped")
    await stage.world.deposit_and_report(placed)
    await stage.until_recorded(placed, "processing")
    for status in ("bridging", "swapping", "delivering", "completed"):
        await stage.move(placed)
        await stage.until_recorded(placed, status)
    return placed
