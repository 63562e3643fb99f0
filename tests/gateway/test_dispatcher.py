"""The dispatcher alone: it chooses again with what it learns while it carries a route out, and it always ends."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import WorkflowAlreadyStartedError

from baton.gateway import dispatcher as dispatcher_module
from baton.gateway.adoption import Adopter
from baton.gateway.deliveries import DeliveryRecords, delivery_of
from baton.gateway.dispatcher import Dispatcher
from baton.gateway.router import Route, adopted_workflow_id
from baton.gateway.signals import WorkflowGone
from baton.ledger.ledger import Ledger
from baton.orchestra.models import OrderRecord, WebhookEvent
from baton.settings import PartnerAccount
from tests.ledger.examples import ORDER, order, quote

ADOPTED = adopted_workflow_id("default", "ord_2")


class ClosedWorkflows:
    """Stands for Temporal and the coalescer where every workflow has closed, or exists not at all."""

    def __init__(self, *, can_start: bool) -> None:
        self.can_start = can_start
        self.signalled: list[str] = []
        self.started: list[str] = []

    async def offer(self, workflow_id: str, _envelope: Any, *, urgent: bool) -> None:
        self.signalled.append(workflow_id)
        raise WorkflowGone(workflow_id)

    async def start_workflow(self, _workflow: str, _order: Any, *, id: str, **_options: Any) -> None:
        if not self.can_start:
            raise WorkflowAlreadyStartedError(id, "OrderWorkflow")
        self.started.append(id)


@pytest.fixture
async def own_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ledger]:
    monkeypatch.setattr(dispatcher_module, "CLAIM_INTERVAL", 0.0)
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


async def dispatch(ledger: Ledger, workflows: ClosedWorkflows, **record: Any) -> tuple[Route, str | None]:
    """Dispatch a webhook of order `ord_2`; return its route and the workflow that has it."""
    data = OrderRecord(id="ord_2", status="processing", **record)
    event = WebhookEvent(event="order.processing", data=data)
    dispatcher: Any = Dispatcher(ledger, workflows, Adopter(workflows, ledger), DeliveryRecords(ledger))
    done = await dispatcher.dispatch(
        event, PartnerAccount(name="default"), delivery_of("default", event, datetime.now(UTC))
    )
    return done.route, done.delivery.workflow_id


async def close_first_order(ledger: Ledger) -> None:
    """Have `ORDER` closed with order `ord_1` under quote `q_1`."""
    await ledger.index_quote(quote())
    await ledger.write_order(order(phase="closed", outcome="completed", status="completed", order_id="ord_1"), [])


async def test_a_claim_whose_workflow_never_started_is_adopted_again(own_ledger: Ledger) -> None:
    await own_ledger.index_order("default", "ord_2", ADOPTED)
    workflows = ClosedWorkflows(can_start=True)
    assert await dispatch(own_ledger, workflows) == (Route.ADOPT, ADOPTED)
    assert (workflows.signalled, workflows.started) == ([ADOPTED], [ADOPTED])


async def test_a_closed_adopted_order_that_the_index_lost_is_late(own_ledger: Ledger) -> None:
    workflows = ClosedWorkflows(can_start=False)
    assert await dispatch(own_ledger, workflows) == (Route.LATE, ADOPTED)
    assert [row.status for row in await own_ledger.transitions(ADOPTED)] == ["processing"]


async def test_a_second_lightning_order_is_adopted_after_one_wait(own_ledger: Ledger) -> None:
    await close_first_order(own_ledger)
    workflows = ClosedWorkflows(can_start=True)
    assert await dispatch(own_ledger, workflows, quote_id="q_1", source_chain="lightning") == (Route.ADOPT, ADOPTED)
    assert workflows.signalled == [ORDER]


async def test_an_order_that_a_closed_workflow_keeps_claimed_is_late(own_ledger: Ledger) -> None:
    await close_first_order(own_ledger)
    await own_ledger.index_order("default", "ord_2", ORDER)
    workflows = ClosedWorkflows(can_start=True)
    assert await dispatch(own_ledger, workflows) == (Route.LATE, ORDER)
    assert (workflows.signalled, workflows.started) == ([ORDER], [])


async def test_an_order_claimed_by_a_third_workflow_is_signalled_there(
    own_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflows = ClosedWorkflows(can_start=True)
    claimed = own_ledger.index_order

    async def claimed_by_another(account: str, order_id: str, workflow_id: str) -> None:
        monkeypatch.setattr(own_ledger, "index_order", claimed)
        await claimed(account, order_id, "order/default/onramp")
        await claimed(account, order_id, workflow_id)

    monkeypatch.setattr(own_ledger, "index_order", claimed_by_another)
    assert await dispatch(own_ledger, workflows) == (Route.LATE, "order/default/onramp")
    assert workflows.signalled == ["order/default/onramp"]
