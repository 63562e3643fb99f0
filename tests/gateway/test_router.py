"""The route of a webhook: what the gateway does with it, given what it knows of the order."""

import json
from typing import Any

import pytest

from baton.gateway.router import OrderFacts, Route, brings_news, choose_route, is_progress, lost_holder
from baton.orchestra.models import OrderRecord, WebhookEvent
from baton.orchestra.webhooks import read_event
from baton.orders.models import Outcome
from baton.orders.names import adopted_workflow_id
from baton.orders.rules.follow_up import OrderEnd
from baton.orders.snapshot import snapshot_of
from baton.ownership.order_workflows import Fate, Holder
from baton.settings import PartnerAccount
from tests.orders.states import order, state

WORKFLOW = "order/default/invoice-1"
ADOPTED = adopted_workflow_id("default", "ord_1")


def webhook(
    status: str = "processing", source_chain: str | None = "base", pay_link_id: str | None = None
) -> WebhookEvent:
    """Return an event of order `ord_1`."""
    record = OrderRecord(id="ord_1", status=status, source_chain=source_chain, pay_link_id=pay_link_id)
    return WebhookEvent(event=f"order.{status}", data=record)


def account(unknown_orders: str = "adopt") -> PartnerAccount:
    return PartnerAccount(name="default", unknown_orders=unknown_orders)


def ended(
    outcome: str, status: str | None, order_id: str | None = "ord_1", *, workflow_id: str = WORKFLOW, **fields: Any
) -> OrderFacts:
    """Return the facts of an order whose workflow has returned its result."""
    end = OrderEnd(Outcome(outcome), status, order_id, fields.pop("superseded", ()))
    return OrderFacts(workflow_id, Holder(workflow_id, Fate.ENDED, end), **fields)


def stopped(order_id: str | None = "ord_1", *, workflow_id: str = WORKFLOW, known: bool = True) -> OrderFacts:
    """Return the facts of an order whose workflow was terminated."""
    closed = snapshot_of(order(), state()) if known else None
    end = OrderEnd(None, "processing", order_id)
    return OrderFacts(workflow_id, Holder(workflow_id, Fate.STOPPED, end, closed, "terminated"))


def unknown(*, workflow_id: str = WORKFLOW, recorded: bool = False) -> OrderFacts:
    """Return the facts of an order whose workflow Temporal does not know."""
    closed = snapshot_of(order(), state()) if recorded else None
    return OrderFacts(workflow_id, Holder(workflow_id, Fate.UNKNOWN, closed=closed))


UNINDEXED = OrderFacts()
EXPIRED = ended("expired", None, None)
SECOND = ended("completed", "completed", "ord_0")
LIGHTNING = {"source_chain": "lightning"}
IGNORES = {"unknown_orders": "ignore"}

CASES = {
    "an open order is delivered to its workflow": (OrderFacts(WORKFLOW), {}, Route.DELIVER),
    "an order that Temporal calls open is delivered": (
        OrderFacts(WORKFLOW, Holder(WORKFLOW, Fate.OPEN)),
        {},
        Route.DELIVER,
    ),
    "an open order is delivered even if unknown orders are ignored": (OrderFacts(WORKFLOW), IGNORES, Route.DELIVER),
    "an open Lightning order is delivered without a wait": (OrderFacts(WORKFLOW), LIGHTNING, Route.DELIVER),
    "an unknown order is adopted": (UNINDEXED, {}, Route.ADOPT),
    "an unknown order from an unnamed chain is adopted": (UNINDEXED, {"source_chain": None}, Route.ADOPT),
    "an unknown order stays unclaimed if they are ignored": (UNINDEXED, IGNORES, Route.UNCLAIMED),
    "an unknown Lightning order may be ours and is waited for": (UNINDEXED, LIGHTNING, Route.AWAIT_CLAIM),
    "an unknown Lightning order is adopted after the wait": (OrderFacts(waited=True), LIGHTNING, Route.ADOPT),
    "an unknown Lightning order is not waited for if ignored": (UNINDEXED, LIGHTNING | IGNORES, Route.UNCLAIMED),
    "an unknown Lightning order of a pay link is adopted at once": (
        UNINDEXED,
        LIGHTNING | {"pay_link_id": "pl_1"},
        Route.ADOPT,
    ),
    "an order of a link of ours is adopted even if unknown ones are ignored": (
        OrderFacts(has_source=True),
        LIGHTNING | IGNORES | {"pay_link_id": "pl_1"},
        Route.ADOPT,
    ),
    "an order of another link stays unclaimed if unknown ones are ignored": (
        OrderFacts(has_source=False),
        LIGHTNING | IGNORES | {"pay_link_id": "pl_1"},
        Route.UNCLAIMED,
    ),
    "a claim whose workflow never started is adopted": (unknown(workflow_id=ADOPTED), {}, Route.ADOPT),
    "a claimed Lightning order that never started is adopted at once": (
        unknown(workflow_id=ADOPTED),
        LIGHTNING,
        Route.ADOPT,
    ),
    "an adopted order that Temporal lost is adopted again": (
        unknown(workflow_id=ADOPTED, recorded=True),
        {},
        Route.ADOPT,
    ),
    "an order that Temporal lost is followed up as its row has it": (unknown(recorded=True), {}, Route.FOLLOW_UP),
    "an order that Temporal and the ledger lost is adopted": (unknown(), {}, Route.ADOPT),
    "an order of ours that was lost is adopted even if unknown ones are ignored": (unknown(), IGNORES, Route.ADOPT),
    "a stopped order is followed up": (stopped(), {}, Route.FOLLOW_UP),
    "a stopped order without an Orchestra order is followed up": (stopped(None), {}, Route.FOLLOW_UP),
    "an adopted order that was stopped is followed up": (stopped(workflow_id=ADOPTED), {}, Route.FOLLOW_UP),
    "a stopped order of which nothing is known is adopted": (stopped(known=False), {}, Route.ADOPT),
    "a second order of a stopped order's quote is adopted": (stopped("ord_0"), {}, Route.ADOPT),
    "an adopted order that has ended is late": (
        ended("completed", "completed", workflow_id=ADOPTED),
        {"status": "completed"},
        Route.LATE,
    ),
    "an order that Orchestra completed is late": (ended("completed", "completed"), {}, Route.LATE),
    "an order that Orchestra failed is late": (ended("failed", "failed"), {}, Route.LATE),
    "an order that Orchestra let expire is late": (ended("expired", "expired"), {}, Route.LATE),
    "an order that expired unpaid is followed up": (EXPIRED, {}, Route.FOLLOW_UP),
    "an order that the business cancelled is followed up": (ended("cancelled", None, None), {}, Route.FOLLOW_UP),
    "an order that Baton gave up while it was processed is followed up": (
        ended("failed", "processing"),
        {},
        Route.FOLLOW_UP,
    ),
    "an order that Baton gave up as unfulfilled is followed up": (
        ended("unfulfilled", "processing"),
        {},
        Route.FOLLOW_UP,
    ),
    "an order that stays unfulfilled is late": (
        ended("unfulfilled", "unfulfilled"),
        {"status": "unfulfilled"},
        Route.LATE,
    ),
    "an unfulfilled order with a new status is followed up": (
        ended("unfulfilled", "unfulfilled"),
        {},
        Route.FOLLOW_UP,
    ),
    "an order is followed up even if unknown orders are ignored": (EXPIRED, IGNORES, Route.FOLLOW_UP),
    "a second order under an ended order's quote is adopted": (SECOND, {}, Route.ADOPT),
    "a second order stays unclaimed if unknown orders are ignored": (SECOND, IGNORES, Route.UNCLAIMED),
    "a second Lightning order may be ours and is waited for": (SECOND, LIGHTNING, Route.AWAIT_CLAIM),
    "a second Lightning order is adopted after the wait": (
        ended("completed", "completed", "ord_0", waited=True),
        LIGHTNING,
        Route.ADOPT,
    ),
    "an order that a later one of the same workflow replaced is late": (
        ended("completed", "completed", "ord_2", superseded=("ord_1",)),
        {},
        Route.LATE,
    ),
}


@pytest.mark.parametrize(("facts", "delivery", "route"), CASES.values(), ids=CASES.keys())
def test_each_webhook_takes_the_route_that_its_order_needs(
    facts: OrderFacts, delivery: dict[str, Any], route: Route
) -> None:
    setting = {name: delivery[name] for name in delivery if name == "unknown_orders"}
    event = {name: delivery[name] for name in delivery if name != "unknown_orders"}
    assert choose_route(webhook(**event), account(**setting), facts) is route


@pytest.mark.parametrize(
    ("facts", "lost"),
    [
        (unknown(), True),
        (unknown(recorded=True), True),
        (unknown(workflow_id=ADOPTED, recorded=True), True),
        (stopped(known=False), True),
        (unknown(workflow_id=ADOPTED), False),
        (stopped("ord_0"), False),
        (SECOND, False),
        (UNINDEXED, False),
    ],
    ids=[
        "lost",
        "lost but recorded",
        "adopted and lost",
        "stopped",
        "an adoption that never started",
        "another order was stopped",
        "another order ended",
        "never indexed",
    ],
)
def test_an_adopted_order_needs_a_person_if_its_workflow_was_lost(facts: OrderFacts, *, lost: bool) -> None:
    assert lost_holder(webhook(), "default", facts) == (facts.holder if lost else None)


@pytest.mark.parametrize(
    ("event", "status", "progress"),
    [
        ("order.processing", "processing", True),
        ("order.confirming", "confirming", True),
        ("order.bridging", "bridging", True),
        ("order.swapping", "swapping", True),
        ("order.delivering", "delivering", True),
        ("order.awaiting_approval", "awaiting_approval", False),
        ("order.refunding", "refunding", False),
        ("order.unfulfilled", "unfulfilled", False),
        ("order.completed", "completed", False),
        ("order.failed", "failed", False),
        ("order.expired", "expired", False),
        ("order.refunded", "refunded", False),
        ("order.superseded", "processing", False),
        ("order.recovery_required", "processing", False),
        ("order.teleporting", "teleporting", False),
        ("order.bridging", "completed", False),
    ],
)
def test_only_progress_may_wait(event: str, status: str, progress: bool) -> None:
    body = json.dumps({"event": event, "data": {"id": "ord_1", "status": status}}).encode()
    assert is_progress(read_event(body)) is progress


@pytest.mark.parametrize(
    ("event", "data", "news"),
    [
        ("order.processing", {"status": "processing", "quoteId": "q_1"}, False),
        ("order.processing", {"status": "processing", "quoteId": "q_1", "sourceChain": "lightning"}, True),
        ("order.processing", {"status": "processing", "quoteId": None}, True),
        ("order.confirming", {"status": "confirming", "quoteId": "q_1"}, True),
        ("order.superseded", {"status": "processing", "quoteId": "q_1"}, True),
        ("order.completed", {"status": "completed", "quoteId": "q_1"}, True),
    ],
)
def test_only_the_status_of_a_submits_answer_is_no_news(event: str, data: dict[str, Any], news: bool) -> None:
    body = json.dumps({"event": event, "data": {"id": "ord_1", **data}}).encode()
    assert brings_news(read_event(body)) is news
