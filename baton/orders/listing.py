"""The search attributes of an order as it stands: what operators list and filter by. Pure."""

from typing import Any

from temporalio.common import SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from baton.orders import visibility as keys
from baton.orders.models import OrderState, PlaceOrder, first_phase
from baton.orders.rules.deadlines import next_deadline
from baton.orders.summaries import route_of


def first_listing(order: PlaceOrder) -> TypedSearchAttributes:
    """Return the search attributes an order starts with."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(keys.PARTNER, order.account),
            SearchAttributePair(keys.PHASE, first_phase(order).value),
            SearchAttributePair(keys.ROUTE, route_of(order)),
            SearchAttributePair(keys.ATTENTION, False),
        ]
    )


def listing(order: PlaceOrder, state: OrderState) -> list[SearchAttributeUpdate[Any]]:
    """Return the upsert that brings the search attributes up to date."""
    deadline = next_deadline(state, order.policy)
    quote = state.quote
    return [
        keys.PHASE.value_set(state.phase.value),
        keys.ATTENTION.value_set(state.attention is not None),
        keys.STATUS.value_set(state.view.status) if state.view.status else keys.STATUS.value_unset(),
        keys.QUOTE_ID.value_set(quote.quote_id) if quote else keys.QUOTE_ID.value_unset(),
        keys.ORDER_ID.value_set(state.view.order_id) if state.view.order_id else keys.ORDER_ID.value_unset(),
        keys.OUTCOME.value_set(state.outcome.value) if state.outcome else keys.OUTCOME.value_unset(),
        keys.NEXT_DEADLINE.value_set(deadline.at) if deadline else keys.NEXT_DEADLINE.value_unset(),
    ]
