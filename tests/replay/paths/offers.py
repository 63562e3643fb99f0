"""ZeroConf offers, each with a workflow of its own."""

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from baton.orders.reports import ApprovalEnd
from tests.end_to_end.test_zeroconf import BITCOIN, GENEROUS
from tests.eventually import eventually
from tests.replay.registry import OPEN, PathRegistry, PathStage
from tests.replay.runs import children_of, has_timer

PATHS = PathRegistry()


@PATHS.ending(Outcome.COMPLETED, zeroconf=ApprovalEnd.ACCEPTED)
async def offer_accepted_by_policy(stage: PathStage) -> Placement:
    return await _offered(stage, "zeroconf_accept_path", **GENEROUS)


@PATHS.ending(Outcome.COMPLETED, zeroconf=ApprovalEnd.DECLINED)
async def offer_declined_by_policy(stage: PathStage) -> Placement:
    return await _offered(stage, "zeroconf_poor_odds", **GENEROUS)


@PATHS.ending(Outcome.COMPLETED, zeroconf=ApprovalEnd.ACCEPTED)
async def offer_accepted_by_the_business(stage: PathStage) -> Placement:
    placed = await _asked(stage)
    await stage.world.baton.decide_zeroconf(placed.reference, accept=True, reason="known payer")
    return placed


@PATHS.ending(Outcome.COMPLETED, zeroconf=ApprovalEnd.DECLINED)
async def offer_unanswered_by_the_business(stage: PathStage) -> Placement:
    placed = await _asked(stage, onSilence="decline")
    await stage.world.environment.fast_forward(await _approval_of(stage, placed), timedelta(minutes=5))
    return placed


@PATHS.ending(Outcome.COMPLETED, zeroconf=ApprovalEnd.LAPSED)
async def offer_left_to_lapse(stage: PathStage) -> Placement:
    return await _offered(stage, "zeroconf_lapses", mode="decide", maxFeeBps=0, beyond="lapse")


@PATHS.ending(Outcome.COMPLETED, zeroconf=ApprovalEnd.SETTLED)
async def offer_settled_while_the_business_thinks(stage: PathStage) -> Placement:
    return await _offered(stage, "zeroconf_confirmed_meanwhile", mode="ask")


@PATHS.ending(Outcome.COMPLETED, zeroconf=ApprovalEnd.TOO_LATE)
async def offer_answered_too_late(stage: PathStage) -> Placement:
    return await _offered(stage, "zeroconf_expired_409", **GENEROUS)


@PATHS.ending(OPEN, zeroconf=OPEN)
async def open_offer(stage: PathStage) -> Placement:
    """The business is asked and has not answered."""
    return await _asked(stage)


async def _offered(stage: PathStage, scenario: str, **policy: Any) -> Placement:
    placed = await stage.place(scenario=scenario, **BITCOIN, policy={"zeroconf": policy})
    await stage.world.deposit_and_report(placed)
    return placed


async def _asked(stage: PathStage, **policy: Any) -> Placement:
    """Return an order with an offer whose approval workflow waits for the business."""
    placed = await _offered(stage, "zeroconf_offer", mode="ask", **policy)
    await stage.world.until(placed, status="awaiting_approval")
    approval = await _approval_of(stage, placed)
    await eventually(lambda: has_timer(approval))
    return placed


async def _approval_of(stage: PathStage, placed: Placement) -> WorkflowHandle[Any, Any]:
    async def find() -> WorkflowHandle[Any, Any] | None:
        history = await stage.world.handle(placed).fetch_history()
        return children_of(stage.world.environment.client, history).get("zeroconf")

    approval = await eventually(find)
    assert approval is not None
    return approval


@PATHS.ending(Outcome.COMPLETED, zeroconf=ApprovalEnd.SETTLED)
async def offer_accepted_elsewhere(stage: PathStage) -> Placement:
    """The order's last statuses come in one signal, while its approval still asks the business."""
    return await _offered(stage, "zeroconf_accepted_elsewhere", mode="ask")
