"""Orders that were refused before anybody could pay: their workflow fails, and their reference is free again. Pure.

A failed workflow is red in the Temporal UI. Every other end, whatever became of the money, is a result.
"""

from temporalio.exceptions import ApplicationError

from baton.orders.answers import OrderResult, Placement
from baton.orders.models import Outcome
from baton.orders.state import OrderState

ORDER_REFUSED = "order_refused"
"""The type of the failure of an order that was refused before anybody could pay."""


def is_refused(state: OrderState) -> bool:
    """Whether a closed order was refused before it had a quote, an order at Orchestra, or a deposit."""
    had_address = state.quotes or state.page or state.superseded or state.view.record
    had_money = state.deposits or state.sightings
    return state.outcome is Outcome.FAILED and not (had_address or had_money or state.close_as)


def is_refused_placement(placement: Placement) -> bool:
    """Whether a placement is that of an order which was refused before it had a quote or an order at Orchestra."""
    return placement.outcome is Outcome.FAILED and not (placement.quote_id or placement.order_id)


def refused_order(result: OrderResult) -> ApplicationError:
    """Return the failure of a refused order; its details are the reason's code and message, and the whole result."""
    reason = result.reason
    code, message = (reason.code, reason.message) if reason else ("refused", "the order was refused")
    return ApplicationError(f"{code}: {message}", code, message, result, type=ORDER_REFUSED, non_retryable=True)


def refused_result(failure: BaseException | None) -> OrderResult | None:
    """Return the result that the failure of a refused order carries; None if the workflow failed for another reason."""
    if not isinstance(failure, ApplicationError) or failure.type != ORDER_REFUSED or len(failure.details) < 3:
        return None
    return OrderResult.model_validate(failure.details[2])
