"""The dispatcher alone: it chooses again with what it learns while it carries a route out, and it always ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from baton.gateway import dispatcher as dispatcher_module
from baton.gateway.adoption import Adopter
from baton.gateway.deliveries import DeliveryRecords, delivery_of
from baton.gateway.dispatcher import Dispatcher
from baton.gateway.errors import TryLater
from baton.gateway.router import Route
from baton.gateway.signals import WorkflowGone
from baton.ledger.errors import LedgerUnavailable
from baton.ledger.ledger import Ledger
from baton.orchestra.models import OrderRecord, WebhookEvent
from baton.orders.answers import OrderResult, Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.names import adopted_workflow_id
from baton.orders.place_order import PlaceOrder
from baton.orders.snapshot import snapshot_of
from baton.ownership.owners import Owners
from baton.settings import PartnerAccount
from tests.ledger.examples import ORDER, quote
from tests.orders.states import order, state
from tests.orders.states import quote as taken_quote

ADOPTED = adopted_workflow_id("default", "ord_2")
COMPLETED = OrderResult(outcome=Outcome.COMPLETED, status="completed", order_id="ord_1", superseded=[])
EXPIRED = OrderResult(outcome=Outcome.EXPIRED, superseded=[])


@dataclass
class FakeTemporal:
    """Stands for Temporal and the coalescer.

    Attributes:
        closed: The workflows that have closed, with their results; None for one that was terminated.
        snapshots: What closed workflows answer to a query.
        started: The orders of workflows that were started, by id.
        signalled: The workflows that a webhook was offered to.
        hangs: Whether no signal is ever answered.
    """

    closed: dict[str, OrderResult | None] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    started: dict[str, PlaceOrder] = field(default_factory=dict)
    signalled: list[str] = field(default_factory=list)
    hangs: bool = False

    async def offer(self, workflow_id: str, _envelope: Any, *, urgent: bool, news: bool) -> None:
        self.signalled.append(workflow_id)
        if self.hangs:
            await asyncio.Event().wait()
        if workflow_id not in self.started:
            raise WorkflowGone(workflow_id)

    async def start_workflow(self, _workflow: str, placed: PlaceOrder, *, id: str, **_options: Any) -> None:
        if id in self.closed:
            raise WorkflowAlreadyStartedError(id, "OrderWorkflow")
        self.started[id] = placed

    def get_workflow_handle(self, workflow_id: str, **_options: Any) -> "FakeWorkflow":
        return FakeWorkflow(self, workflow_id)


@dataclass
class FakeWorkflow:
    temporal: FakeTemporal
    workflow_id: str

    async def describe(self) -> Any:
        if self.workflow_id in self.temporal.started:
            return SimpleNamespace(status=WorkflowExecutionStatus.RUNNING)
        if self.workflow_id not in self.temporal.closed:
            raise RPCError("unknown", RPCStatusCode.NOT_FOUND, b"")
        terminated = self.temporal.closed[self.workflow_id] is None
        ended, stopped = WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.TERMINATED
        return SimpleNamespace(status=stopped if terminated else ended)

    async def result(self) -> OrderResult | None:
        return self.temporal.closed[self.workflow_id]

    async def query(self, *_arguments: Any, **_options: Any) -> Snapshot:
        return self.temporal.snapshots[self.workflow_id]


@pytest.fixture
async def own_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ledger]:
    monkeypatch.setattr(dispatcher_module, "CLAIM_INTERVAL", 0.0)
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        await opened.mark_complete()
        yield opened


async def dispatch(
    ledger: Ledger,
    temporal: FakeTemporal,
    *,
    seconds: float = 6.0,
    require_complete: Callable[[], Awaitable[None]] | None = None,
    owners: Owners | None = None,
    **record: Any,
) -> tuple[Route, str | None]:
    """Dispatch a webhook of order `ord_2`; return its route and the workflow that has it."""
    data = OrderRecord(status="processing", **{"id": "ord_2", **record})
    event = WebhookEvent(event="order.processing", data=data)
    client: Any = temporal
    owners = owners or Owners(client, ledger)
    dispatcher = Dispatcher(
        owners,
        client,
        Adopter(client, ledger, owners),
        DeliveryRecords(ledger),
        require_complete=require_complete or ledger.require_complete,
        timeout=seconds,
    )
    done = await dispatcher.dispatch(
        event, PartnerAccount(name="default"), delivery_of("default", event, datetime.now(UTC))
    )
    return done.route, done.delivery.workflow_id


def closed_order(outcome: Outcome | None = None) -> Snapshot:
    """Return the order of workflow `ORDER` as it stood last."""
    phase = Phase.CLOSED if outcome else Phase.AWAITING_DEPOSIT
    return snapshot_of(order().model_copy(update={"reference": "invoice-42"}), state(phase, quotes=[taken_quote(1)]))


async def test_a_claim_whose_workflow_never_started_is_adopted_again(own_ledger: Ledger) -> None:
    await own_ledger.index_order("default", "ord_2", ADOPTED)
    temporal = FakeTemporal()
    assert await dispatch(own_ledger, temporal) == (Route.ADOPT, ADOPTED)
    assert temporal.signalled == [ADOPTED]
    assert temporal.started[ADOPTED].state is None


async def test_an_order_restored_between_look_up_and_check_is_not_adopted(own_ledger: Ledger) -> None:
    async def rebuilt_meanwhile() -> None:
        await own_ledger.index_order("default", "ord_2", ORDER)

    temporal = FakeTemporal(started={ORDER: order()})
    assert await dispatch(own_ledger, temporal, require_complete=rebuilt_meanwhile) == (Route.DELIVER, ORDER)
    assert list(temporal.started) == [ORDER]


async def test_a_closed_adopted_order_that_the_index_lost_is_late(own_ledger: Ledger) -> None:
    temporal = FakeTemporal(closed={ADOPTED: COMPLETED.model_copy(update={"order_id": "ord_2"})})
    assert await dispatch(own_ledger, temporal) == (Route.LATE, ADOPTED)
    assert [row.status for row in await own_ledger.transitions(ADOPTED)] == ["processing"]


async def test_a_second_lightning_order_is_adopted_after_one_wait(own_ledger: Ledger) -> None:
    await own_ledger.index_quote(quote())
    temporal = FakeTemporal(closed={ORDER: COMPLETED})
    assert await dispatch(own_ledger, temporal, quote_id="q_1", source_chain="lightning") == (Route.ADOPT, ADOPTED)
    assert temporal.signalled == [ORDER]


async def test_an_order_that_a_closed_workflow_keeps_claimed_is_adopted(own_ledger: Ledger) -> None:
    await own_ledger.index_order("default", "ord_2", ORDER)
    temporal = FakeTemporal(closed={ORDER: COMPLETED})
    assert await dispatch(own_ledger, temporal) == (Route.ADOPT, ADOPTED)
    assert await own_ledger.find_workflow("default", order_id="ord_2") == ADOPTED


async def test_an_order_claimed_by_a_third_workflow_is_signalled_there(
    own_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = "order/default/onramp"
    temporal = FakeTemporal(started={third: order()})
    claimed = own_ledger.index_order

    async def claimed_by_another(account: str, order_id: str, workflow_id: str) -> None:
        monkeypatch.setattr(own_ledger, "index_order", claimed)
        await claimed(account, order_id, third)
        await claimed(account, order_id, workflow_id)

    monkeypatch.setattr(own_ledger, "index_order", claimed_by_another)
    assert await dispatch(own_ledger, temporal) == (Route.DELIVER, third)


async def test_a_terminated_order_is_followed_up_with_attention(own_ledger: Ledger) -> None:
    await own_ledger.index_quote(quote())
    temporal = FakeTemporal(closed={ORDER: None}, snapshots={ORDER: closed_order()})
    assert await dispatch(own_ledger, temporal, quote_id="q_1") == (Route.FOLLOW_UP, "order/default/invoice-42~late")
    (followed,) = temporal.started.values()
    assert followed.state is not None
    assert list(followed.state.attentions) == ["order_terminated"]
    assert await own_ledger.find_workflow("default", order_id="ord_2") == "order/default/invoice-42~late"


async def test_a_second_order_after_the_follow_up_ended_is_adopted(own_ledger: Ledger) -> None:
    await own_ledger.index_quote(quote())
    temporal = FakeTemporal(
        closed={ORDER: EXPIRED, "order/default/invoice-42~late": COMPLETED}, snapshots={ORDER: closed_order()}
    )
    assert await dispatch(own_ledger, temporal, quote_id="q_1") == (Route.ADOPT, ADOPTED)


async def test_a_webhook_finds_our_order_by_its_address_alone(own_ledger: Ledger) -> None:
    await own_ledger.index_quote(quote(source_chain="base", deposit_address="0xabc"))
    temporal = FakeTemporal(started={ORDER: order()})
    assert await dispatch(own_ledger, temporal, source_chain="base", deposit_address="0xABC") == (Route.DELIVER, ORDER)


async def test_an_address_with_the_quote_of_another_app_is_not_ours(own_ledger: Ledger) -> None:
    await own_ledger.index_quote(quote(source_chain="base", deposit_address="0xabc"))
    temporal = FakeTemporal(started={ORDER: order()})
    record = {"source_chain": "base", "deposit_address": "0xabc", "quote_id": "q_of_another_app"}
    assert await dispatch(own_ledger, temporal, **record) == (Route.ADOPT, ADOPTED)


async def test_a_webhook_without_an_answer_is_given_up_after_its_time(own_ledger: Ledger) -> None:
    await own_ledger.index_order("default", "ord_2", ORDER)
    with pytest.raises(TryLater):
        await dispatch(own_ledger, FakeTemporal(hangs=True), seconds=0.05)


THIRD = "order/default/third"


async def known_order(ledger: Ledger, temporal: FakeTemporal, workflow_id: str = ORDER, **options: Any) -> Owners:
    """Return owners that have seen a webhook of the workflow's order."""
    client: Any = temporal
    owners = Owners(client, ledger, **options)
    await ledger.index_order("default", "ord_2", workflow_id)
    temporal.started[workflow_id] = order()
    assert await dispatch(ledger, temporal, owners=owners) == (Route.DELIVER, workflow_id)
    return owners


def break_look_ups(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unavailable(*_arguments: Any, **_options: Any) -> None:
        raise LedgerUnavailable("sqlite:///ledger.db", "broken")

    monkeypatch.setattr(ledger, "find_workflow", unavailable)


async def test_a_known_order_is_signalled_while_the_ledger_is_down(
    own_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporal = FakeTemporal()
    owners = await known_order(own_ledger, temporal)
    break_look_ups(own_ledger, monkeypatch)
    assert await dispatch(own_ledger, temporal, owners=owners) == (Route.DELIVER, ORDER)


async def test_a_known_order_that_moved_is_signalled_at_its_new_workflow(own_ledger: Ledger) -> None:
    temporal = FakeTemporal()
    owners = await known_order(own_ledger, temporal)
    del temporal.started[ORDER]
    temporal.closed[ORDER] = COMPLETED
    temporal.started[THIRD] = order()
    await own_ledger.reassign_order("default", "ord_2", THIRD)
    assert await dispatch(own_ledger, temporal, owners=owners) == (Route.DELIVER, THIRD)
    assert temporal.signalled == [ORDER, ORDER, THIRD]


async def test_a_known_order_that_has_ended_gets_its_webhooks_as_late(own_ledger: Ledger) -> None:
    temporal = FakeTemporal()
    owners = await known_order(own_ledger, temporal)
    del temporal.started[ORDER]
    temporal.closed[ORDER] = COMPLETED.model_copy(update={"order_id": "ord_2"})
    assert await dispatch(own_ledger, temporal, owners=owners) == (Route.LATE, ORDER)
    assert await dispatch(own_ledger, temporal, owners=owners) == (Route.LATE, ORDER)


async def test_an_adopted_order_that_is_claimed_moves_while_its_adopter_is_open(own_ledger: Ledger) -> None:
    temporal = FakeTemporal()
    owners = await known_order(own_ledger, temporal, ADOPTED)
    temporal.started[THIRD] = order()
    await own_ledger.reassign_order("default", "ord_2", THIRD)
    assert await dispatch(own_ledger, temporal, owners=owners) == (Route.DELIVER, THIRD)


async def test_an_order_known_by_its_address_alone_moves_when_it_is_claimed(own_ledger: Ledger) -> None:
    await own_ledger.index_quote(quote(source_chain="base", deposit_address="0xabc"))
    temporal: Any = FakeTemporal(started={ORDER: order(), THIRD: order()})
    owners, at = Owners(temporal, own_ledger), {"source_chain": "base", "deposit_address": "0xABC"}
    assert await dispatch(own_ledger, temporal, owners=owners, **at) == (Route.DELIVER, ORDER)
    await own_ledger.index_order("default", "ord_2", THIRD)
    assert await dispatch(own_ledger, temporal, owners=owners, **at) == (Route.DELIVER, THIRD)


async def test_an_order_known_by_its_quote_that_moved_is_signalled_there(own_ledger: Ledger) -> None:
    await own_ledger.index_quote(quote())
    temporal: Any = FakeTemporal(started={ORDER: order(), THIRD: order()})
    owners = Owners(temporal, own_ledger)
    assert await dispatch(own_ledger, temporal, owners=owners, quote_id="q_1") == (Route.DELIVER, ORDER)
    del temporal.started[ORDER]
    await own_ledger.index_order("default", "ord_2", THIRD)
    assert await dispatch(own_ledger, temporal, owners=owners, quote_id="q_1") == (Route.DELIVER, THIRD)


async def test_of_too_many_known_orders_the_oldest_is_looked_up_again(
    own_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporal = FakeTemporal()
    owners = await known_order(own_ledger, temporal, most_remembered=1)
    await own_ledger.index_order("default", "ord_3", ORDER)
    assert await dispatch(own_ledger, temporal, owners=owners, id="ord_3") == (Route.DELIVER, ORDER)
    break_look_ups(own_ledger, monkeypatch)
    with pytest.raises(TryLater):
        await dispatch(own_ledger, temporal, owners=owners)
    assert await dispatch(own_ledger, temporal, owners=owners, id="ord_3") == (Route.DELIVER, ORDER)
