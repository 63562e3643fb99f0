"""The route of a webhook: what the gateway does with it, given what it knows of the order."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from baton.gateway.router import OrderFacts, Route, adopted_workflow_id, choose_route, is_progress
from baton.ledger.rows import OrderRow
from baton.orchestra.models import OrderRecord, WebhookEvent
from baton.orchestra.webhooks import read_event
from baton.settings import PartnerAccount

WORKFLOW = "order/default/invoice-1"
ADOPTED = adopted_workflow_id("default", "ord_1")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def webhook(status: str = "processing", source_chain: str | None = "base") -> WebhookEvent:
    """Return an event of order `ord_1`."""
    record = OrderRecord(id="ord_1", status=status, source_chain=source_chain)
    return WebhookEvent(event=f"order.{status}", data=record)


def account(unknown_orders: str = "adopt") -> PartnerAccount:
    return PartnerAccount(name="default", unknown_orders=unknown_orders)


def closed(**fields: Any) -> OrderRow:
    """Return the row of a closed order, by default one that Orchestra completed as `ord_1`."""
    defaults = {
        "workflow_id": WORKFLOW,
        "account": "default",
        "reference": "invoice-1",
        "phase": "closed",
        "status": "completed",
        "outcome": "completed",
        "order_id": "ord_1",
        "created_at": NOON,
        "updated_at": NOON,
        "revision": 1,
    }
    return OrderRow.model_validate(defaults | fields)


def gone(closed_order: OrderRow | None = None, *, workflow_id: str = WORKFLOW, **facts: Any) -> OrderFacts:
    """Return the facts of an order whose workflow has closed."""
    return OrderFacts(workflow_id=workflow_id, workflow_gone=True, closed_order=closed_order, **facts)


UNKNOWN = OrderFacts()
EXPIRED = closed(outcome="expired", status=None, order_id=None)
OTHER_ORDER = closed(order_id="ord_0")
REPLACED = closed(order_id="ord_2", snapshot={"superseded": ["ord_1"]})
UNFULFILLED = closed(outcome="unfulfilled", status="unfulfilled")

CASES = {
    "an open order is delivered to its workflow": (OrderFacts(workflow_id=WORKFLOW), {}, Route.DELIVER),
    "an open order is delivered even if the account ignores unknown orders": (
        OrderFacts(workflow_id=WORKFLOW),
        {"unknown_orders": "ignore"},
        Route.DELIVER,
    ),
    "an open Lightning order is delivered without a wait": (
        OrderFacts(workflow_id=WORKFLOW),
        {"source_chain": "lightning"},
        Route.DELIVER,
    ),
    "an unknown order is adopted": (UNKNOWN, {}, Route.ADOPT),
    "an unknown order from an unnamed chain is adopted": (UNKNOWN, {"source_chain": None}, Route.ADOPT),
    "an unknown order stays unclaimed if the account ignores them": (
        UNKNOWN,
        {"unknown_orders": "ignore"},
        Route.UNCLAIMED,
    ),
    "an unknown Lightning order may be ours and is waited for": (
        UNKNOWN,
        {"source_chain": "lightning"},
        Route.AWAIT_CLAIM,
    ),
    "an unknown Lightning order is adopted after the wait": (
        OrderFacts(waited=True),
        {"source_chain": "lightning"},
        Route.ADOPT,
    ),
    "an unknown Lightning order is not waited for if the account ignores them": (
        UNKNOWN,
        {"source_chain": "lightning", "unknown_orders": "ignore"},
        Route.UNCLAIMED,
    ),
    "a closed workflow without a row makes the webhook late": (gone(), {}, Route.LATE),
    "a claim for adoption whose workflow never started is adopted": (gone(workflow_id=ADOPTED), {}, Route.ADOPT),
    "a claimed Lightning order whose workflow never started is adopted at once": (
        gone(workflow_id=ADOPTED),
        {"source_chain": "lightning"},
        Route.ADOPT,
    ),
    "an adopted order that has closed is late": (
        gone(closed(workflow_id=ADOPTED), workflow_id=ADOPTED),
        {"status": "completed"},
        Route.LATE,
    ),
    "an order that Orchestra completed is late": (gone(closed()), {"status": "processing"}, Route.LATE),
    "an order that Orchestra failed is late": (
        gone(closed(outcome="failed", status="failed")),
        {"status": "processing"},
        Route.LATE,
    ),
    "an order that Orchestra let expire is late": (
        gone(closed(outcome="expired", status="expired")),
        {"status": "processing"},
        Route.LATE,
    ),
    "an order that expired unpaid is followed up": (gone(EXPIRED), {}, Route.FOLLOW_UP),
    "an order that the business cancelled is followed up": (
        gone(closed(outcome="cancelled", status=None, order_id=None)),
        {},
        Route.FOLLOW_UP,
    ),
    "an order that Baton gave up while Orchestra processed it is followed up": (
        gone(closed(outcome="failed", status="processing")),
        {"status": "processing"},
        Route.FOLLOW_UP,
    ),
    "an order that Baton gave up as unfulfilled is followed up": (
        gone(closed(outcome="unfulfilled", status="processing")),
        {"status": "processing"},
        Route.FOLLOW_UP,
    ),
    "an order that stays unfulfilled is late": (gone(UNFULFILLED), {"status": "unfulfilled"}, Route.LATE),
    "an unfulfilled order with a new status is followed up": (
        gone(UNFULFILLED),
        {"status": "processing"},
        Route.FOLLOW_UP,
    ),
    "an order is followed up even if the account ignores unknown orders": (
        gone(EXPIRED),
        {"unknown_orders": "ignore"},
        Route.FOLLOW_UP,
    ),
    "an order whose follow-up has closed too is late": (gone(EXPIRED, no_successor=True), {}, Route.LATE),
    "an adopted order whose workflow cannot start again is late": (
        gone(workflow_id=ADOPTED, no_successor=True),
        {},
        Route.LATE,
    ),
    "a second order under a closed order's quote is adopted": (gone(OTHER_ORDER), {}, Route.ADOPT),
    "a second order stays unclaimed if the account ignores unknown orders": (
        gone(OTHER_ORDER),
        {"unknown_orders": "ignore"},
        Route.UNCLAIMED,
    ),
    "a second Lightning order may be ours and is waited for": (
        gone(OTHER_ORDER),
        {"source_chain": "lightning"},
        Route.AWAIT_CLAIM,
    ),
    "a second Lightning order is adopted after the wait": (
        gone(OTHER_ORDER, waited=True),
        {"source_chain": "lightning"},
        Route.ADOPT,
    ),
    "a second order that the closed workflow keeps claimed is late": (
        gone(OTHER_ORDER, no_successor=True),
        {},
        Route.LATE,
    ),
    "an order that a later one of the same workflow replaced is late": (gone(REPLACED), {}, Route.LATE),
}


@pytest.mark.parametrize(("facts", "delivery", "route"), CASES.values(), ids=CASES.keys())
def test_each_webhook_takes_the_route_that_its_order_needs(
    facts: OrderFacts, delivery: dict[str, Any], route: Route
) -> None:
    setting = {name: delivery[name] for name in delivery if name == "unknown_orders"}
    event = {name: delivery[name] for name in delivery if name != "unknown_orders"}
    assert choose_route(webhook(**event), account(**setting), facts) is route


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
