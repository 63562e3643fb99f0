"""One order in a list, as Temporal's visibility tells it: for people, a moment behind the truth. Pure."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from baton.orders import visibility as keys

if TYPE_CHECKING:
    from temporalio.client import WorkflowExecution

_COLUMNS = {
    "account": keys.PARTNER.name,
    "phase": keys.PHASE.name,
    "outcome": keys.OUTCOME.name,
    "attention": keys.ATTENTION.name,
}


class OrderLine(BaseModel):
    """One order in a list; lists lag a moment behind the truth, `snapshot` does not."""

    reference: str
    account: str
    workflow_id: str
    phase: str | None = None
    status: str | None = None
    outcome: str | None = None
    attention: bool = False
    route: str | None = None
    order_id: str | None = None
    next_deadline: datetime | None = None
    opened_at: datetime


def list_query(**wanted: Any) -> str:
    """Return the visibility query for orders with these values; None wants any.

    Args:
        wanted: Any of account, phase, outcome and attention.
    """
    terms = ["WorkflowType = 'OrderWorkflow'"]
    for name, value in wanted.items():
        if value is not None:
            literal = str(value).lower() if isinstance(value, bool) else "'{}'".format(str(value).replace("'", ""))
            terms.append(f"{_COLUMNS[name]} = {literal}")
    return " AND ".join(terms)


def order_line(found: "WorkflowExecution") -> OrderLine:
    """Return the line of an order's workflow."""
    _, account, reference = found.id.split("/", 2)
    told = found.typed_search_attributes
    return OrderLine(
        reference=reference,
        account=account,
        workflow_id=found.id,
        phase=told.get(keys.PHASE),
        status=told.get(keys.STATUS),
        outcome=told.get(keys.OUTCOME),
        attention=bool(told.get(keys.ATTENTION)),
        route=told.get(keys.ROUTE),
        order_id=told.get(keys.ORDER_ID),
        next_deadline=told.get(keys.NEXT_DEADLINE),
        opened_at=found.start_time,
    )
