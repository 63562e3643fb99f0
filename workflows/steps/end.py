"""The end of an order: a result, or a failure that frees the reference of an order which nobody could pay."""

from temporalio import workflow

from baton.orders.answers import OrderResult
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.refused import is_refused, refused_order
from baton.orders.snapshot import result_of
from baton.orders.state import OrderState


def result_or_failure(order: PlaceOrder, state: OrderState) -> OrderResult:
    """Return the result of a closed order.

    Raises:
        ApplicationError: The order was refused before anybody could pay.
    """
    result = result_of(order, state)
    if is_refused(state) and workflow.patched("a-refused-order-fails"):
        raise refused_order(result)
    return result
