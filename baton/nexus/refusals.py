"""How Baton's refusals travel in the failure of a Nexus operation. Pure, so that a workflow can read them."""

from collections.abc import Iterator
from contextlib import contextmanager

from nexusrpc import HandlerError, HandlerErrorType, OperationError, OperationErrorState
from temporalio.exceptions import ApplicationError

from baton.errors import BatonError, OrderRefused, OrderUnknown, Unreachable
from baton.orders.rules.refused import ORDER_REFUSED

OPERATION_REFUSED = "operation_refused"
"""The type of the failure of an operation that Baton refused; its details are code, message and remedy."""

_ORDER_UNKNOWN = "order_unknown"
_CORRECT = "correct the order and place it again, under the same reference if you like"


@contextmanager
def as_operation_failures() -> Iterator[None]:
    """Turn Baton's errors into failures of the operation; where nobody answered, Temporal tries it again."""
    try:
        yield
    except Unreachable as error:
        raise HandlerError(str(error), type=HandlerErrorType.UNAVAILABLE) from None
    except BatonError as error:
        raise OperationError(str(error), state=OperationErrorState.FAILED) from ApplicationError(
            str(error), error.code, error.message, error.remedy, type=OPERATION_REFUSED, non_retryable=True
        )


def refusal_of(failure: BaseException) -> OrderRefused | OrderUnknown | None:
    """Return the refusal that failed a Nexus operation of Baton; None if it failed for another reason.

    Args:
        failure: What awaiting the operation raised.
    """
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ApplicationError) and cause.type in (ORDER_REFUSED, OPERATION_REFUSED):
            return _refusal(cause)
        cause = cause.__cause__
    return None


def _refusal(failure: ApplicationError) -> OrderRefused | OrderUnknown:
    code, message, rest = failure.details[:3]
    # An order that Orchestra refused carries its result in place of the remedy.
    remedy = _CORRECT if failure.type == ORDER_REFUSED else rest
    kind = OrderUnknown if code == _ORDER_UNKNOWN else OrderRefused
    return kind(code, message, remedy)
