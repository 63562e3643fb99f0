"""How the workflows of addresses and links call their activities. The calls themselves are in `activities.sources`.

A call without an answer may have taken effect at Orchestra, so it is repeated under its idempotency key until there is
one: only Orchestra's own refusal says that nothing exists.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, TimeoutError, TimeoutType, is_cancelled_exception

from baton.orders.messages import Refusal
from baton.orders.names import partner_queue, poll_queue
from baton.orders.rules.wait_plans import NO_WORKER_PATIENCE
from baton.sources.answers import SourceSnapshot
from baton.sources.at_orchestra import SourceAtOrchestra
from baton.sources.messages import (
    CreateSourceCall,
    DisableSourceCall,
    FindOrders,
    OrdersFound,
    ReadSources,
    SourceRecorded,
    SourcesRead,
)
from baton.sources.names import CREATE_SOURCE, DISABLE_SOURCE, FIND_ORDERS, READ_SOURCES, RECORD_SOURCE
from workflows.support.activity_calls import (
    CALL_TIMEOUT,
    HEARTBEAT,
    LISTEN_HEARTBEAT,
    PARTNER_RETRY,
    RECORD_TIMEOUT,
)
from workflows.support.refusals import carried_refusal

PATIENCE = timedelta(minutes=10)
"""How long a call is repeated before a person is asked to look; it is repeated without end after that."""

READ_TIMEOUT = timedelta(hours=20)
"""Timeout of one attempt of a planned read, which paces itself; the next one continues where it was."""

NO_WORKER = "no_worker"

_ONCE = RetryPolicy(maximum_attempts=1)


async def create_first(call: CreateSourceCall, summary: str) -> SourceAtOrchestra | Refusal | None:
    """Make the first attempt to create an address or a link; None if it had no answer.

    Only of this attempt it is certain that nothing exists yet if no worker takes it, or if the key is refused.
    """
    first = call.model_copy(update={"first": True})
    try:
        return await _create(first, summary, retry=_ONCE, to_start=NO_WORKER_PATIENCE)
    except ActivityError as error:
        cause = error.cause
        if isinstance(cause, TimeoutError) and cause.type is TimeoutType.SCHEDULE_TO_START:
            message = f"no worker took the call within {NO_WORKER_PATIENCE.total_seconds():g} s"
            return Refusal(code=NO_WORKER, message=f"{message}; check the account's name and Baton's worker")
        return carried_refusal(error)


async def create_again(
    call: CreateSourceCall, summary: str, patience: timedelta | None
) -> SourceAtOrchestra | Refusal | None:
    """Repeat the creation until there is an answer; with a patience, None if there was none in that time."""
    try:
        return await _create(call, summary, retry=PARTNER_RETRY, patience=patience)
    except ActivityError as error:
        return carried_refusal(error)


async def _create(
    call: CreateSourceCall,
    summary: str,
    *,
    retry: RetryPolicy,
    to_start: timedelta | None = None,
    patience: timedelta | None = None,
) -> SourceAtOrchestra:
    created: SourceAtOrchestra = await workflow.execute_activity(
        CREATE_SOURCE,
        call,
        result_type=SourceAtOrchestra,
        task_queue=partner_queue(call.account),
        start_to_close_timeout=CALL_TIMEOUT,
        heartbeat_timeout=HEARTBEAT,
        schedule_to_start_timeout=to_start,
        schedule_to_close_timeout=patience,
        retry_policy=retry,
        summary=summary,
    )
    return created


async def disable_source(call: DisableSourceCall, summary: str, patience: timedelta | None) -> Refusal | bool | None:
    """Disable an address or a link at Orchestra.

    Returns:
        Whether Orchestra knew it, its refusal, or None if there was no answer within the patience.
    """
    try:
        known: bool = await workflow.execute_activity(
            DISABLE_SOURCE,
            call,
            result_type=bool,
            task_queue=partner_queue(call.account),
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            schedule_to_close_timeout=patience,
            retry_policy=PARTNER_RETRY,
            summary=summary,
        )
    except ActivityError as error:
        return carried_refusal(error)
    return known


async def record_source(snapshot: SourceSnapshot) -> SourceRecorded:
    """Write its row in the ledger; retries without end, unless the ledger refuses the row itself.

    Returns:
        What the ledger said; nothing from an activity of an older version.
    """
    try:
        recorded = await workflow.execute_activity(
            RECORD_SOURCE,
            snapshot,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=PARTNER_RETRY,
            summary="write its row in the ledger",
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
        workflow.logger.error("the ledger refuses the row: %s", error.__cause__ or error)
        return SourceRecorded()
    return SourceRecorded.model_validate(recorded or {})


async def read_sources(call: ReadSources) -> SourcesRead:
    """Compare an account's addresses and links with Orchestra; a broken attempt begins again."""
    read: SourcesRead = await workflow.execute_activity(
        READ_SOURCES,
        call,
        result_type=SourcesRead,
        task_queue=poll_queue(call.account),
        start_to_close_timeout=READ_TIMEOUT,
        heartbeat_timeout=LISTEN_HEARTBEAT,
        schedule_to_close_timeout=READ_TIMEOUT,
        retry_policy=PARTNER_RETRY,
        summary="read addresses and links at Orchestra",
    )
    return read


async def find_orders(call: FindOrders) -> OrdersFound:
    """Find orders that nothing reported; a broken attempt continues where it was."""
    found: OrdersFound = await workflow.execute_activity(
        FIND_ORDERS,
        call,
        result_type=OrdersFound,
        task_queue=poll_queue(call.account),
        start_to_close_timeout=READ_TIMEOUT,
        heartbeat_timeout=LISTEN_HEARTBEAT,
        retry_policy=PARTNER_RETRY,
        summary="find orders of addresses and links that nothing reported",
    )
    return found
