"""How workflows call their activities: queues, timeouts and retries. The calls themselves are in `activities`.

Only Temporal retries: a call without an answer is repeated under the same idempotency key, without end where money is
under way. What comes back is the answer, or a `Refusal`: a definite one, or that of a call that was given up.
"""

import asyncio
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from baton.holds.models import CallHeld
from baton.orchestra.rules.reprice import RepricePolicy
from baton.orders.answers import Snapshot
from baton.orders.ended_order import RecordAttention
from baton.orders.messages import (
    ANSWER_REPRICE,
    ANSWER_ZEROCONF,
    READ_ORDER,
    RECORD_ATTENTION,
    RECORD_ORDER,
    REPRICE_POLICY,
    REQUEST_ONRAMP,
    REQUEST_QUOTE,
    SUBMIT_DEPOSIT,
    ZEROCONF_TERMS,
    AnswerReprice,
    AnswerZeroConf,
    OnrampAnswer,
    QuoteAnswer,
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
from baton.orders.seen_deposits import SeenDeposit
from baton.orders.timeline_words import onramp_words, quote_words, read_words, submit_words
from workflows.support.refusals import carried_refusal, refusal_in

Answer = TypeVar("Answer", bound=BaseModel)

CALL_TIMEOUT = timedelta(seconds=60)
"""Timeout of one attempt; the account's own request timeout is shorter."""

LEDGER_TIMEOUT = timedelta(seconds=10)
"""Timeout of one attempt to ask the ledger alone, which sends no heartbeats."""

HEARTBEAT = timedelta(seconds=10)
"""Heartbeat timeout: after this silence Temporal gives the call to another worker."""

RECORD_TIMEOUT = timedelta(seconds=20)
"""Timeout of one attempt to write a row; the ledger's own timeouts are shorter."""

LISTEN_TIMEOUT = timedelta(minutes=7)
"""Timeout of one attempt of a poll, which may listen to the order's event stream for a while."""

LISTEN_HEARTBEAT = timedelta(seconds=30)
"""Heartbeat timeout of a poll: there are many polls, and each heartbeat is a call to Temporal."""

LOCAL_PATIENCE = timedelta(seconds=4)
"""How long a call is tried as a local activity: well below the timeout of a workflow task, which waits for it."""

PARTNER_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=60)
)
_ONCE = RetryPolicy(maximum_attempts=1)
_SUBMITTED: Any = Submission | CallHeld
_HELD: Any = CallHeld | None
_LEDGER_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=2)


async def request_quote(call: RequestQuote, generation: int, *, local: bool) -> QuoteAnswer | Refusal:
    """Request a quote; gives up after `QUOTE_PATIENCE`, because the business waits for the answer.

    With `local` it is tried first as a local activity.
    """
    first = await _locally(REQUEST_QUOTE, call, QuoteAnswer, quote_words(call, generation)) if local else None
    if first is not None:
        return first
    try:
        quote: QuoteAnswer = await workflow.execute_activity(
            REQUEST_QUOTE,
            call,
            result_type=QuoteAnswer,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            schedule_to_start_timeout=NO_WORKER_PATIENCE,
            schedule_to_close_timeout=QUOTE_PATIENCE,
            retry_policy=PARTNER_RETRY,
            summary=quote_words(call, generation),
        )
        return quote
    except ActivityError as error:
        return refusal_in(error)


async def request_onramp(call: RequestOnramp, generation: int, *, local: bool) -> OnrampAnswer | Refusal:
    """Request an onramp order and its invoice; gives up after `QUOTE_PATIENCE`, because a payer waits.

    With `local` it is tried first as a local activity.
    """
    first = await _locally(REQUEST_ONRAMP, call, OnrampAnswer, onramp_words(call, generation)) if local else None
    if first is not None:
        return first
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
            retry_policy=PARTNER_RETRY,
            summary=onramp_words(call, generation),
        )
        return answer
    except ActivityError as error:
        return refusal_in(error)


async def submit_deposit(
    call: SubmitDeposit, generation: int, seen: SeenDeposit | None, *, local: bool
) -> Submission | CallHeld | Refusal:
    """Submit a deposit; retries without end. A call that has left when this is cancelled is still answered.

    With `local` it is tried first as a local activity, unless it repeats a refusal.
    """
    summary = submit_words(call, generation, seen)
    if local and call.resubmit is None:
        first: Submission | CallHeld | Refusal | None = await _locally(SUBMIT_DEPOSIT, call, _SUBMITTED, summary)
        if first is not None:
            return first
    try:
        submission: Submission | CallHeld = await workflow.execute_activity(
            SUBMIT_DEPOSIT,
            call,
            result_type=_SUBMITTED,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=PARTNER_RETRY,
            priority=Priority(priority_key=1),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=summary,
        )
        return submission
    except ActivityError as error:
        return refusal_in(error)


async def read_order(call: ReadOrder, urgency: int, patience: timedelta | None = None) -> ReadResult | Refusal:
    """Read the order once, or poll until there is news if the call has a cadence.

    An attempt without news costs no history: the activity fails with a benign error and Temporal waits for the
    cadence's next pause. With `patience` the read gives up after that time.
    """
    try:
        result: ReadResult = await workflow.execute_activity(
            READ_ORDER,
            call,
            result_type=ReadResult,
            task_queue=poll_queue(call.account),
            start_to_close_timeout=LISTEN_TIMEOUT if call.cadence else CALL_TIMEOUT,
            heartbeat_timeout=LISTEN_HEARTBEAT if call.cadence else HEARTBEAT,
            schedule_to_close_timeout=patience,
            retry_policy=PARTNER_RETRY,
            priority=Priority(priority_key=urgency),
            cancellation_type=workflow.ActivityCancellationType.TRY_CANCEL,
            summary=read_words(call),
        )
        return result
    except ActivityError as error:
        return refusal_in(error)


async def zeroconf_terms(account: str) -> ZeroConfTerms:
    """Return the account's policy for ZeroConf offers and its open exposure."""
    terms: ZeroConfTerms = await workflow.execute_activity(
        ZEROCONF_TERMS,
        account,
        result_type=ZeroConfTerms,
        task_queue=partner_queue(account),
        start_to_close_timeout=LEDGER_TIMEOUT,
        retry_policy=PARTNER_RETRY,
        priority=Priority(priority_key=1),
        summary="read the account's policy for offers, and its open credit",
    )
    return terms


async def answer_zeroconf(call: AnswerZeroConf) -> CallHeld | Refusal | None:
    """Answer an offer; a refusal means that it is no longer open."""
    try:
        held: CallHeld | None = await workflow.execute_activity(
            ANSWER_ZEROCONF,
            call,
            result_type=_HELD,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            schedule_to_close_timeout=OFFER_PATIENCE,
            retry_policy=PARTNER_RETRY,
            priority=Priority(priority_key=1),
            summary="accept the ZeroConf offer" if call.accept else "decline the ZeroConf offer",
        )
    except ActivityError as error:
        return refusal_in(error)
    return held


async def reprice_policy(account: str) -> RepricePolicy:
    """Return the account's policy for repricings."""
    policy: RepricePolicy = await workflow.execute_activity(
        REPRICE_POLICY,
        account,
        result_type=RepricePolicy,
        task_queue=partner_queue(account),
        start_to_close_timeout=LEDGER_TIMEOUT,
        retry_policy=PARTNER_RETRY,
        priority=Priority(priority_key=1),
        summary="read the account's policy for repricings",
    )
    return policy


async def answer_reprice(call: AnswerReprice) -> CallHeld | Refusal | None:
    """Answer a repricing; a refusal means that it is no longer open."""
    try:
        held: CallHeld | None = await workflow.execute_activity(
            ANSWER_REPRICE,
            call,
            result_type=_HELD,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=PARTNER_RETRY,
            priority=Priority(priority_key=1),
            summary=f"{call.action} the repricing",
        )
    except ActivityError as error:
        return refusal_in(error)
    return held


async def record_order(snapshot: Snapshot) -> bool:
    """Write the order's row in the read model, and return whether that was done; gives up soon."""
    try:
        await workflow.execute_local_activity(
            RECORD_ORDER,
            snapshot,
            start_to_close_timeout=timedelta(seconds=2),
            schedule_to_close_timeout=timedelta(seconds=3),
            retry_policy=_LEDGER_RETRY,
            summary="write the order in the ledger",
        )
    except FailureError as error:
        # Not only ActivityError: on replay the SDK raises a local activity's timeout without that wrapper.
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
        workflow.logger.warning("the ledger was not written: %s", error.__cause__ or error)
        return False
    return True


async def record_in_any_case(snapshot: Snapshot) -> None:
    """Write the order's row in the read model; retries without end, unless the ledger refuses the row itself."""
    try:
        await workflow.execute_activity(
            RECORD_ORDER,
            snapshot,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=PARTNER_RETRY,
            summary="write the order in the ledger, which could not be written at once",
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
        workflow.logger.error("the ledger refuses the order's row: %s", error.__cause__ or error)


async def record_attention(call: RecordAttention) -> None:
    """Write what needs a person after an order's end; without a ledger for a day, the next change writes it too."""
    try:
        await workflow.execute_activity(
            RECORD_ATTENTION,
            call,
            start_to_close_timeout=RECORD_TIMEOUT,
            schedule_to_close_timeout=timedelta(days=1),
            retry_policy=PARTNER_RETRY,
            summary="write the attention of the ended order",
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
        workflow.logger.error("the ledger has not got the order's attention: %s", error.__cause__ or error)


async def _locally(name: str, call: BaseModel, answer: type[Answer], summary: str) -> Answer | Refusal | None:
    """Make a call once in the worker that runs the workflow, which costs one event instead of six.

    Safe because the activity that follows makes the call under the same idempotency key.

    Returns:
        The answer, or Orchestra's refusal; None if there was no answer within `LOCAL_PATIENCE`.
    """
    try:
        answered: Answer = await workflow.execute_local_activity(
            name,
            call,
            result_type=answer,
            start_to_close_timeout=LOCAL_PATIENCE,
            schedule_to_close_timeout=LOCAL_PATIENCE,
            retry_policy=_ONCE,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=summary,
        )
    except FailureError as error:
        # Not only ActivityError: on replay the SDK raises a local activity's timeout without that wrapper.
        return carried_refusal(error)
    return answered
