"""Adoption of orders over Temporal: one activity of the account's reads, without a workflow of its own."""

import uuid
from datetime import timedelta

from temporalio.client import ActivityFailureError, Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from baton.errors import BatonError, OrderRefused, Unreachable
from baton.failures import no_worker, refusal_of
from baton.orders.adoption import ORDER_NOT_AT_ORCHESTRA, Adoption, AdoptOrder
from baton.orders.names import ADOPT_ORDER, poll_queue
from baton.temporal_calls import TemporalCalls

_ATTEMPT = timedelta(seconds=20)
_HEARTBEAT = timedelta(seconds=10)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10))


class TemporalAdoption:
    """Asks the workers of an account to follow an order.

    Args:
        temporal: A Temporal client with the pydantic data converter.
        patience: How long each call waits for an answer.
    """

    def __init__(self, temporal: Client, patience: timedelta) -> None:
        self._temporal = temporal
        self._patience = patience
        self._calls = TemporalCalls(temporal, patience)

    async def adopt(self, call: AdoptOrder) -> Adoption:
        """Have an order followed.

        Raises:
            OrderRefused: Orchestra has no such order in this account.
            Unreachable: No answer in time; asking again is safe.
        """
        running = self._temporal.execute_activity(
            ADOPT_ORDER,
            call,
            id=f"{ADOPT_ORDER}/{call.account}/{call.order_id}/{uuid.uuid4().hex[:8]}",
            task_queue=poll_queue(call.account),
            result_type=Adoption,
            heartbeat_timeout=_HEARTBEAT,
            start_to_close_timeout=_ATTEMPT,
            schedule_to_close_timeout=self._patience,
            retry_policy=_RETRY,
            summary=f"adopt {call.order_id}",
        )
        try:
            adoption: Adoption = await self._calls.answer(running, call.account)
        except ActivityFailureError as error:
            raise self._failure(error.cause) from None
        return adoption

    def _failure(self, cause: BaseException | None) -> BatonError:
        """Return the refusal, or what kept the activity from an answer."""
        cause = getattr(cause, "cause", None) or cause
        if not isinstance(cause, ApplicationError):
            return no_worker(self._patience)
        if cause.type == ORDER_NOT_AT_ORCHESTRA:
            return OrderRefused(ORDER_NOT_AT_ORCHESTRA, cause.message, "check the id and the account")
        if cause.non_retryable:
            return refusal_of(cause)
        message = f"no answer within {self._patience.total_seconds():g} s: {cause.type}: {cause.message}"
        return Unreachable(cause.type or "worker_failed", message, "ask again, which is safe")
