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
    RetryState,
    TimeoutError,
    is_cancelled_exception,
)

from baton.orchestra.models import Quote
from baton.orchestra.rules.reprice import RepricePolicy
from baton.orders.answers import Snapshot
from baton.orders.messages import (
    ANSWER_REPRICE,
    ANSWER_ZEROCONF,
    READ_ORDER,
    RECORD_ORDER,
    REPRICE_POLICY,
    REQUEST_ONRAMP,
    REQUEST_QUOTE,
    SUBMIT_DEPOSIT,
    ZEROCONF_TERMS,
    AnswerReprice,
    AnswerZeroConf,
    OnrampAnswer,
    ReadOrder,
    ReadResult,
    Refusal,
    RequestOnramp,
    RequestQuote,
    Submission,
    SubmitDeposit,
)
from baton.orders.names import partner_queue, poll_queue
from baton.orders.rules.wait_plans import NO_WORKER_PATIENCE, OFFER_PATIENCE, QUOTE_PATIENCE
from baton.orders.rules.zeroconf import ZeroConfTerms

CALL_TIMEOUT = timedelta(seconds=60)
"""Longest duration of one call; the account's own request timeout is below it."""

HEARTBEAT = timedelta(seconds=10)
"""After this silence a worker is taken for dead and its call is given to another."""

LISTEN_TIMEOUT = timedelta(minutes=7)
"""Longest duration of one attempt of a repeated read, which may listen to the order's event stream for a while."""

LISTEN_HEARTBEAT = timedelta(seconds=30)
"""The same as `HEARTBEAT` for attempts that may listen: there are many of those, and each sign of life is a call."""

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


async def request_onramp(call: RequestOnramp, generation: int) -> OnrampAnswer | Refusal:
    """Ask for an onramp order and its invoice; gives up after `QUOTE_PATIENCE` because a payer waits."""
    try:
        answer: OnrampAnswer = await workflow.execute_activity(
            REQUEST_ONRAMP,
            call,
            result_type=OnrampAnswer,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            schedule_to_start_timeout=NO_WORKER_PATIENCE,
            schedule_to_close_timeout=QUOTE_PATIENCE,
            retry_policy=_PARTNER_RETRY,
            summary=f"ask for onramp {generation}",
        )
        return answer
    except ActivityError as error:
        return _refusal(error)


async def submit_deposit(call: SubmitDeposit, generation: int) -> Submission | Refusal:
    """Submit a deposit; never gives up by itself."""
    try:
        seen: Submission = await workflow.execute_activity(
            SUBMIT_DEPOSIT,
            call,
            result_type=Submission,
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


async def read_order(call: ReadOrder, urgency: int, patience: timedelta | None = None) -> ReadResult | Refusal:
    """Read the order once, or until it brings news when the call has a cadence.

    Attempts in vain cost no history: the activity fails benignly and Temporal waits the cadence's next pause. With
    `patience` the read gives up after that time.
    """
    try:
        sighting: ReadResult = await workflow.execute_activity(
            READ_ORDER,
            call,
            result_type=ReadResult,
            task_queue=poll_queue(call.account),
            start_to_close_timeout=LISTEN_TIMEOUT if call.cadence else CALL_TIMEOUT,
            heartbeat_timeout=LISTEN_HEARTBEAT if call.cadence else None,
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


async def reprice_policy(account: str) -> RepricePolicy:
    """Read the account's policy for repricings."""
    policy: RepricePolicy = await workflow.execute_activity(
        REPRICE_POLICY,
        account,
        result_type=RepricePolicy,
        task_queue=partner_queue(account),
        start_to_close_timeout=CALL_TIMEOUT,
        retry_policy=_PARTNER_RETRY,
        priority=Priority(priority_key=1),
        summary="read the account's policy",
    )
    return policy


async def answer_reprice(call: AnswerReprice) -> Refusal | None:
    """Answer a repricing; a refusal means that it was no longer open."""
    try:
        await workflow.execute_activity(
            ANSWER_REPRICE,
            call,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=_PARTNER_RETRY,
            priority=Priority(priority_key=1),
            summary=f"{call.action} the repricing",
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
    if isinstance(cause, TimeoutError) or error.retry_state is RetryState.TIMEOUT:
        return _given_up(cause)
    raise RuntimeError(f"activity {error.activity_type} failed in a way that nobody planned") from error


def _given_up(cause: BaseException | None) -> Refusal:
    """Tell of a call that had no good answer in time, in the words of its last attempt where there are any."""
    last = cause.cause if isinstance(cause, TimeoutError) else cause
    if isinstance(last, ApplicationError) and last.type:
        return Refusal(code=last.type, message=f"{last.message}; tried again until the time planned was over")
    return Refusal(code="no_answer", message="no answer within the time planned")
