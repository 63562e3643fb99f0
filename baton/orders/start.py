"""How an order's workflow is started: one for each reference, never a second. Pure."""

from typing import Any

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from baton.orders.answers import Snapshot
from baton.orders.names import WORKFLOW_QUEUE, order_workflow_id
from baton.orders.observation import Observation
from baton.orders.place_order import EDITION, PlaceOrder
from baton.orders.summaries import static_details, static_summary
from baton.orders.visibility import first_listing, memo_of


def as_placed(snapshot: Snapshot) -> PlaceOrder:
    """Return the order as it was placed, out of its snapshot."""
    fields = snapshot.model_dump(include=set(PlaceOrder.model_fields) - {"request"})
    return PlaceOrder(**fields, request=snapshot.request)


def as_started(order: PlaceOrder) -> PlaceOrder:
    """Return the input with which an order's workflow starts: the order, and the edition of its code."""
    return order.model_copy(update={"edition": EDITION})


def start_options(order: PlaceOrder, first: Observation | None = None) -> dict[str, Any]:
    """Return the options of Temporal's start call: an open order is used as it is, a closed one is an error.

    An order that is placed again replaces a closed run that did not complete. Temporal counts terminated and cancelled
    runs among these, which may have money: the caller must have seen that the order was refused.

    Args:
        order: The order.
        first: The observation by which an order is adopted.
    """
    reuse = WorkflowIDReusePolicy
    return {
        "id": order_workflow_id(order.account, order.reference),
        "task_queue": WORKFLOW_QUEUE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "id_reuse_policy": reuse.ALLOW_DUPLICATE_FAILED_ONLY if order.again else reuse.REJECT_DUPLICATE,
        "search_attributes": first_listing(order, first),
        "memo": memo_of(order),
        "static_summary": static_summary(order),
        "static_details": static_details(order),
    }
