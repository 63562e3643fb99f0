"""How the workflow of an order stands in Temporal: it runs, has a result, was refused, or ended without an outcome.

Only Temporal knows that: a workflow that was terminated can still be queried, and then says that it waits.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistoryEventFilterType,
)

from baton.orders.answers import Interruption, OrderResult
from baton.orders.rules.refused import refused_result
from baton.orders.visibility import interruption_of
from baton.redaction import redacted

CLOSING = 5.0
"""Seconds that an order which has been refused may take to close its workflow."""


@dataclass(frozen=True)
class OrderRun:
    """The newest run of an order's workflow.

    Attributes:
        is_open: Whether it runs.
        refused: The result of an order that was refused before anybody could pay; its reference is free.
        interruption: How it ended without an outcome.
    """

    is_open: bool
    refused: OrderResult | None = None
    interruption: Interruption | None = None


class OrderRuns:
    """The runs of the orders of one Temporal namespace.

    Args:
        temporal: A Temporal client with the pydantic data converter.
    """

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def newest(self, workflow_id: str) -> OrderRun:
        """Return the newest run of an order.

        Raises:
            RPCError: Temporal did not answer, or there is no such order.
        """
        found = await self._temporal.get_workflow_handle(workflow_id).describe()
        # The run that was described, not one that was started since.
        handle = self._temporal.get_workflow_handle(workflow_id, run_id=found.run_id, result_type=OrderResult)
        if found.status is WorkflowExecutionStatus.FAILED:
            return await _failed(handle, found)
        if interruption := interruption_of(found):
            reason = await _reason(handle)
            return OrderRun(is_open=False, interruption=interruption.model_copy(update={"reason": reason}))
        return OrderRun(is_open=found.status is WorkflowExecutionStatus.RUNNING)

    async def closed(self, workflow_id: str) -> OrderRun:
        """Return the newest run once it has closed, or as it stands after a few seconds.

        Raises:
            RPCError: Temporal did not answer, or there is no such order.
        """
        try:
            async with asyncio.timeout(CLOSING):
                await self._temporal.get_workflow_handle(workflow_id).result()
        except (WorkflowFailureError, TimeoutError):
            pass
        return await self.newest(workflow_id)


async def _failed(handle: WorkflowHandle[object, OrderResult], found: WorkflowExecution) -> OrderRun:
    """Return a run that failed: as a refused order does, or because somebody or a defect failed it."""
    try:
        await handle.result()
    except WorkflowFailureError as error:
        refused = refused_result(error.cause)
        if refused is not None:
            return OrderRun(is_open=False, refused=refused)
        broken = Interruption(how="failed", at=found.close_time or datetime.now(UTC), reason=redacted(str(error.cause)))
        return OrderRun(is_open=False, interruption=broken)
    return OrderRun(is_open=False)


async def _reason(handle: WorkflowHandle[object, OrderResult]) -> str | None:
    """Return the reason that was given for a termination."""
    closing = handle.fetch_history_events(event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT)
    async for event in closing:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
            return redacted(event.workflow_execution_terminated_event_attributes.reason) or None
    return None
