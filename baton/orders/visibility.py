"""Search attributes: the one registry, their values for an order, and an order as a list shows it.

Visibility serves people and lags a moment behind; nothing is decided by it.

No addresses and no personal data stand here: search attributes are never encrypted.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from baton.orders.place_order import PlaceOrder, first_phase
from baton.orders.rules.deadlines import next_deadline
from baton.orders.state import OrderState
from baton.orders.summaries import route_of

if TYPE_CHECKING:
    from temporalio.client import WorkflowExecution

PARTNER = SearchAttributeKey.for_keyword("BatonPartner")
PHASE = SearchAttributeKey.for_keyword("BatonPhase")
OUTCOME = SearchAttributeKey.for_keyword("BatonOutcome")
ROUTE = SearchAttributeKey.for_keyword("BatonRoute")
STATUS = SearchAttributeKey.for_keyword("OrchestraStatus")
QUOTE_ID = SearchAttributeKey.for_keyword("OrchestraQuoteId")
ORDER_ID = SearchAttributeKey.for_keyword("OrchestraOrderId")
ATTENTION = SearchAttributeKey.for_bool("BatonAttention")
NEXT_DEADLINE = SearchAttributeKey.for_datetime("BatonNextDeadline")

REGISTRY: dict[str, str] = {
    PARTNER.name: "Keyword",
    PHASE.name: "Keyword",
    OUTCOME.name: "Keyword",
    ROUTE.name: "Keyword",
    STATUS.name: "Keyword",
    QUOTE_ID.name: "Keyword",
    ORDER_ID.name: "Keyword",
    ATTENTION.name: "Bool",
    NEXT_DEADLINE.name: "Datetime",
}
"""Name to type, in the spelling of `temporal operator search-attribute create --type`."""

_COLUMNS = {
    "account": PARTNER.name,
    "phase": PHASE.name,
    "outcome": OUTCOME.name,
    "attention": ATTENTION.name,
}


def first_listing(order: PlaceOrder) -> TypedSearchAttributes:
    """Return the search attributes an order starts with."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(PARTNER, order.account),
            SearchAttributePair(PHASE, first_phase(order).value),
            SearchAttributePair(ROUTE, route_of(order)),
            SearchAttributePair(ATTENTION, False),
        ]
    )


def listing(order: PlaceOrder, state: OrderState) -> list[SearchAttributeUpdate[Any]]:
    """Return the upsert that brings the search attributes up to date."""
    deadline = next_deadline(state, order.policy)
    quote = state.quote
    return [
        PHASE.value_set(state.phase.value),
        ATTENTION.value_set(state.attention is not None),
        STATUS.value_set(state.view.status) if state.view.status else STATUS.value_unset(),
        QUOTE_ID.value_set(quote.quote_id) if quote else QUOTE_ID.value_unset(),
        ORDER_ID.value_set(state.view.order_id) if state.view.order_id else ORDER_ID.value_unset(),
        OUTCOME.value_set(state.outcome.value) if state.outcome else OUTCOME.value_unset(),
        NEXT_DEADLINE.value_set(deadline.at) if deadline else NEXT_DEADLINE.value_unset(),
    ]


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
        phase=told.get(PHASE),
        status=told.get(STATUS),
        outcome=told.get(OUTCOME),
        attention=bool(told.get(ATTENTION)),
        route=told.get(ROUTE),
        order_id=told.get(ORDER_ID),
        next_deadline=told.get(NEXT_DEADLINE),
        opened_at=found.start_time,
    )
