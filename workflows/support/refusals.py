"""What a failed activity says: Orchestra's refusal, a time that was over, a cancellation, or a bug."""

import asyncio

from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    FailureError,
    RetryState,
    TimeoutError,
    is_cancelled_exception,
)

from baton.orders.messages import Refusal


def refusal_in(error: ActivityError) -> Refusal:
    """Return the refusal that a failed activity carries, or that of a call that was given up.

    Anything but a refusal, a timeout or a cancellation is a bug: it fails the workflow task, which Temporal retries and
    shows, and never the order.
    """
    if refusal := carried_refusal(error):
        return refusal
    if has_timed_out(error):
        return _given_up(error.cause)
    raise RuntimeError(f"activity {error.activity_type} failed unexpectedly") from error


def carried_refusal(error: FailureError) -> Refusal | None:
    """Return the refusal that a failed activity carries, or None; a cancellation is raised again."""
    if is_cancelled_exception(error):
        raise asyncio.CancelledError from error
    cause = error.cause if isinstance(error, ActivityError) else error
    if isinstance(cause, ApplicationError) and cause.non_retryable and cause.details:
        return Refusal.model_validate(cause.details[0])
    return None


def has_timed_out(error: ActivityError) -> bool:
    """Whether an activity was given up because its time was over."""
    return isinstance(error.cause, TimeoutError) or error.retry_state is RetryState.TIMEOUT


def _given_up(cause: BaseException | None) -> Refusal:
    """Return the refusal of a call that was given up, with the error of its last attempt if there was one."""
    last = cause.cause if isinstance(cause, TimeoutError) else cause
    if isinstance(last, ApplicationError) and last.type:
        return Refusal(code=last.type, message=f"{last.message}; retried until the planned time was over")
    return Refusal(code="no_answer", message="no answer within the time planned")
