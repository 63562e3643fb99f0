"""Calls to Temporal with the caller's patience, each failure as one of Baton's errors."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, TypeVar

from pydantic_core import PydanticSerializationError
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetSystemInfoRequest
from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError

from baton.encoding.texts import NOT_UNICODE
from baton.errors import BatonError, InvalidArgument, Unreachable
from baton.failures import no_worker, query_failed, refusal_of, rpc_failed, temporal_gone, unserved_account
from baton.orders.names import WORKFLOW_QUEUE, partner_queue
from baton.temporal_reasons import connect_failure

T = TypeVar("T")

PROBE_TIMEOUT = timedelta(seconds=2)
"""How long Temporal may take to show that it is there."""

FIRST_LOOK = 3.0
"""Seconds without an answer after which it is asked whether any worker serves the order's account."""

_NO_CONNECTION = "Failed client connect"

_LOOKS = 2
"""How often nobody must serve it: a worker that starts serves its queues one after the other."""


class TemporalCalls:
    """Waits for answers from one Temporal namespace.

    Args:
        temporal: A Temporal client.
        patience: How long each call waits for an answer.
    """

    def __init__(self, temporal: Client, patience: timedelta) -> None:
        self._temporal = temporal
        self._patience = patience

    async def answer(self, call: Awaitable[T], account: str | None = None) -> T:
        """Return the answer to a call.

        Args:
            call: The call.
            account: The partner account whose workers must answer, if that matters.

        Raises:
            BatonError: What went wrong, and the remedy.
        """
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await (call if account is None else self._served(call, account))
        except WorkflowUpdateFailedError as error:
            raise refusal_of(error.cause) from None
        except WorkflowQueryFailedError as error:
            raise query_failed(str(error)) from None
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            # The SDK hides the caller's own cancellation behind this error.
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError from None
            raise await self._silence() from None
        except RPCError as error:
            raise self.failure(error) from None
        except (UnicodeEncodeError, PydanticSerializationError):
            raise InvalidArgument("text", NOT_UNICODE, "write it in UTF-8 and call again") from None
        except RuntimeError as error:
            # A lazy client connects at its first call; the SDK has no class of its own for that.
            if not str(error).startswith(_NO_CONNECTION):
                raise
            host, namespace = self._temporal.service_client.config.target_host, self._temporal.namespace
            raise Unreachable(*connect_failure(error, host, namespace, has_certificate=False)) from None

    def failure(self, error: RPCError) -> BatonError:
        """Return the error for what the Temporal server answered."""
        return rpc_failed(error, self._patience, self._temporal.namespace)

    async def _silence(self) -> BatonError:
        """Return who did not answer: Temporal, which the SDK retries until the patience is over, or a worker."""
        try:
            await self._temporal.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=PROBE_TIMEOUT)
        except (RPCError, RuntimeError):
            return temporal_gone()
        return no_worker(self._patience)

    async def _served(self, call: Awaitable[T], account: str) -> T:
        """Return the answer, and do not wait for one that no worker can give.

        Raises:
            Unreachable: Workers take orders, and none of them serves the account.
        """
        calling = asyncio.ensure_future(call)
        calling.add_done_callback(_consume)
        try:
            for _ in range(_LOOKS):
                await asyncio.wait({calling}, timeout=FIRST_LOOK)
                if calling.done() or await self._is_served(account):
                    return await calling
            raise unserved_account(account)
        finally:
            calling.cancel()

    async def _is_served(self, account: str) -> bool:
        """Whether a worker serves the account; True also while there is no worker at all, which may be starting."""
        try:
            activities = await self._has_pollers(partner_queue(account), TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
            return activities or not await self._has_pollers(WORKFLOW_QUEUE, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
        except RPCError:
            return True

    async def _has_pollers(self, queue: str, kind: TaskQueueType.ValueType) -> bool:
        request = DescribeTaskQueueRequest(
            namespace=self._temporal.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
        )
        return bool((await self._temporal.workflow_service.describe_task_queue(request)).pollers)


def _consume(calling: "asyncio.Future[Any]") -> None:
    """Look at how a call ended: of one that was given up nobody else does, and asyncio would log its error."""
    if not calling.cancelled():
        calling.exception()
