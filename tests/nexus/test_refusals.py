"""Errors of Baton become failures of an operation, and a caller reads them back."""

import pytest
from nexusrpc import HandlerError, HandlerErrorType, OperationError
from temporalio.exceptions import ApplicationError

from baton.errors import DocumentError, OrderRefused, OrderUnknown, Unreachable
from baton.nexus.refusals import as_operation_failures, refusal_of
from baton.orders.answers import OrderResult
from baton.orders.models import Outcome, Reason
from baton.orders.rules.refused import refused_order


def failed_with(error: Exception) -> BaseException:
    with pytest.raises((HandlerError, OperationError)) as failed, as_operation_failures():
        raise error
    return failed.value


def test_where_nobody_answers_temporal_tries_again() -> None:
    failure = failed_with(Unreachable("no_worker", "no answer within 8 s", "ask again"))

    assert isinstance(failure, HandlerError)
    assert (failure.type, failure.retryable) == (HandlerErrorType.UNAVAILABLE, True)
    assert refusal_of(failure) is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OrderRefused("order_closed", "the order is closed: completed", "see its snapshot"), OrderRefused),
        (OrderUnknown("order_unknown", "no order has this reference", "check it"), OrderUnknown),
        (DocumentError("amount is missing"), OrderRefused),
    ],
)
def test_a_refusal_is_read_back_as_it_was(error: OrderRefused, kind: type) -> None:
    refusal = refusal_of(failed_with(error))

    assert isinstance(refusal, kind)
    assert (refusal.code, refusal.message, refusal.remedy) == (error.code, error.message, error.remedy)


def test_an_order_that_orchestra_refused_is_read_back_with_its_remedy() -> None:
    reason = Reason(code="unsupported_route", message="there is no such route")
    failure = refused_order(OrderResult(outcome=Outcome.FAILED, reason=reason))

    refusal = refusal_of(failure)

    assert refusal is not None
    assert (refusal.code, refusal.message) == ("unsupported_route", "there is no such route")
    assert refusal.remedy.startswith("correct the order and place it again")


def test_another_failure_is_no_refusal() -> None:
    assert refusal_of(ApplicationError("boom", type="ValueError")) is None
