"""Bulks over Temporal: each question is one activity of a worker, which has the ledger."""

import uuid
from datetime import timedelta

from temporalio.client import ActivityFailureError, Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from baton.bulk.status import CALL_BULK, BulkCall, BulkReply
from baton.errors import BatonError, InvalidArgument, OrderUnknown, Unreachable
from baton.failures import no_worker
from baton.orders.names import WORKFLOW_QUEUE
from baton.temporal_calls import TemporalCalls

BULK_UNKNOWN = "bulk_unknown"

_ATTEMPT = timedelta(seconds=30)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10))


class TemporalBulks:
    """Asks the workers about bulks.

    Args:
        temporal: A Temporal client with the pydantic data converter.
        patience: How long each call waits for an answer.
    """

    def __init__(self, temporal: Client, patience: timedelta) -> None:
        self._temporal = temporal
        self._patience = patience
        self._calls = TemporalCalls(temporal, patience)

    async def ask(self, call: BulkCall) -> BulkReply:
        """Return the answer to a call.

        Raises:
            InvalidArgument: What was asked for is not possible.
            OrderUnknown: There is no such bulk.
            Unreachable: No answer in time; asking again is safe.
        """
        running = self._temporal.execute_activity(
            CALL_BULK,
            call,
            id=f"{CALL_BULK}/{uuid.uuid4().hex}",
            task_queue=WORKFLOW_QUEUE,
            result_type=BulkReply,
            start_to_close_timeout=_ATTEMPT,
            schedule_to_close_timeout=self._patience,
            retry_policy=_RETRY,
            summary=f"{call.step} a bulk",
        )
        try:
            reply: BulkReply = await self._calls.answer(running)
        except ActivityFailureError as error:
            raise self._failure(error.cause) from None
        return reply

    def _failure(self, cause: BaseException | None) -> BatonError:
        """Return what a worker refused, or what kept it from an answer."""
        cause = getattr(cause, "cause", None) or cause
        if not isinstance(cause, ApplicationError):
            return no_worker(self._patience)
        message, _, remedy = cause.message.partition("; ")
        if not cause.non_retryable:
            return Unreachable(cause.type or "worker_failed", message, remedy or "ask again, which is safe")
        if cause.type == BULK_UNKNOWN:
            return OrderUnknown(BULK_UNKNOWN, message, remedy)
        field, _, complaint = message.partition(": ")
        return InvalidArgument(field, complaint, remedy)
