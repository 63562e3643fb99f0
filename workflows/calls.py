"""How the order workflow calls its activities: queues, timeouts, retries. What the calls do stands in `activities`.

Temporal is the only retrier: a call that had no answer is sent again under the same idempotency key, without end where
money is under way. Only a definite refusal comes back, as a `Refusal`.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    FailureError,
    TimeoutError,
    is_cancelled_exception,
)

from orchestra.models import Quote
from orchestra.observation import Observation
from workflows.approvals import ZeroConfTerms
from workflows.identity import partner_queue, poll_queue
from workflows.messages import (
    ANSWER_ZEROCONF,
    READ_ORDER,
    RECORD_ORDER,
    REQUEST_QUOTE,
    SUBMIT_DEPOSIT,
    ZEROCONF_TERMS,
    AnswerZeroConf,
    ReadOrder,
    Refusal,
    RequestQuote,
    Sighting,
    SubmitDeposit,
)
from workflows.models import Snapshot
from workflows.plans import NO_WORKER_PATIENCE, OFFER_PATIENCE, QUOTE_PATIENCE

CALL_TIMEOUT = timedelta(seconds=60)
"""Longest duration of one call; the account's own request timeout is below it."""

HEARTBEAT = timedelta(seconds=10)
"""After this silence a worker is taken for dead and its call is given to another."""

_PARTNER_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=60)
)
_LEDGER_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=2)


async def request_quote(call: RequestQuote, generation: int) -> Quote | Refusal:
    """Ask for a quote; gives up after `QUOTE_PATIENCE` because somebody waits for the answer."""
    try:
        quote: Quote = await workflow.execute_activity(
            REQUEST_QUOTE,
            call,
            result_type=Quote,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            schedule_to_start_timeout=NO_WORKER_PATIENCE,
            schedule_to_close_timeout=QUOTE_PATIENCE,
            retry_policy=_PARTNER_RETRY,
            summary=f"ask for quote {generation}",
        )
        return quote
    except ActivityError as error:
        return _refusal(error)


async def submit_deposit(call: SubmitDeposit, generation: int) -> Observation | Refusal:
    """Submit a deposit; never gives up by itself."""
    try:
        seen: Observation = await workflow.execute_activity(
            SUBMIT_DEPOSIT,
            call,
            result_type=Observation,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=_PARTNER_RETRY,
            priority=Priority(priority_key=1),
            summary=f"submit the deposit, generation {generation}",
        )
        return seen
    except ActivityError as error:
        return _refusal(error)


async def read_order(call: ReadOrder, urgency: int, patience: timedelta | None = None) -> Sighting | Refusal:
    """Read the order once, or until it brings news when the call has a cadence.

    Attempts in vain cost no history: the activity fails benignly and Temporal waits the cadence's next pause. With
    `patience` the read gives up after that time.
    """
    try:
        sighting: Sighting = await workflow.execute_activity(
            READ_ORDER,
            call,
            result_type=Sighting,
            task_queue=poll_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            schedule_to_close_timeout=patience,
            retry_policy=_PARTNER_RETRY,
            priority=Priority(priority_key=urgency),
            cancellation_type=workflow.ActivityCancellationType.TRY_CANCEL,
            summary="read until news" if call.cadence else "read once",
        )
        return sighting
    except ActivityError as error:
        return _refusal(error)


async def zeroconf_terms(account: str) -> ZeroConfTerms:
    """Read the account's policy for ZeroConf offers and its open exposure."""
    terms: ZeroConfTerms = await workflow.execute_activity(
        ZEROCONF_TERMS,
        account,
        result_type=ZeroConfTerms,
        task_queue=partner_queue(account),
        start_to_close_timeout=CALL_TIMEOUT,
        retry_policy=_PARTNER_RETRY,
        priority=Priority(priority_key=1),
        summary="read the account's terms",
    )
    return terms


async def answer_zeroconf(call: AnswerZeroConf) -> Refusal | None:
    """Answer an offer; a refusal means that it was no longer open."""
    try:
        await workflow.execute_activity(
            ANSWER_ZEROCONF,
            call,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            schedule_to_close_timeout=OFFER_PATIENCE,
            retry_policy=_PARTNER_RETRY,
            priority=Priority(priority_key=1),
            summary="accept the offer" if call.accept else "decline the offer",
        )
    except ActivityError as error:
        return _refusal(error)
    return None


async def record_order(snapshot: Snapshot) -> None:
    """Write the read model, with little patience: the next write mends a lost one."""
    try:
        await workflow.execute_local_activity(
            RECORD_ORDER,
            snapshot,
            start_to_close_timeout=timedelta(seconds=2),
            schedule_to_close_timeout=timedelta(seconds=3),
            retry_policy=_LEDGER_RETRY,
        )
    except FailureError as error:
        # Not ActivityError alone: on replay the SDK raises a local activity's time-out bare.
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
        workflow.logger.warning("the ledger was not written: %s", error.__cause__ or error)


def _refusal(error: ActivityError) -> Refusal:
    """Read the refusal out of a failed activity.

    Anything that is neither a refusal nor a time-out nor a cancellation is a bug: it fails the workflow task, which
    Temporal retries and shows, and never the order.
    """
    cause = error.cause
    if is_cancelled_exception(error):
        raise asyncio.CancelledError from error
    if isinstance(cause, ApplicationError) and cause.non_retryable and cause.details:
        return Refusal.model_validate(cause.details[0])
    if isinstance(cause, TimeoutError):
        return Refusal(code="no_answer", message=f"no answer within the time planned ({cause.message})")
    raise RuntimeError(f"activity {error.activity_type} failed in a way that nobody planned") from error
