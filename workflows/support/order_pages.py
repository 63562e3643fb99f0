"""Addresses of the pages about an order, for what people read in the Temporal UI.

Only the worker knows them, by its settings. They decide nothing and are in no history: a replay by another worker may
show others.
"""

from temporalio import workflow

from baton.orders.names import ORDER_PAGES, is_order


def pages_of(order_workflow_id: str) -> dict[str, str]:
    """Return the pages about an order by their names; none where the worker knows none, or this is no order."""
    pages = workflow.extern_functions().get(ORDER_PAGES)
    return pages(order_workflow_id) if pages is not None and is_order(order_workflow_id) else {}
