"""What Temporal knows of an order's workflow: whether it is open, how it ended, and what the order was.

The index names a workflow; that is only a hint. Temporal alone says whether the workflow is open and how it closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from temporalio.api.common.v1 import Payload
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from baton.orders.answers import OrderResult, Snapshot
from baton.orders.names import SNAPSHOT
from baton.orders.place_order import PlaceOrder, first_phase
from baton.orders.rules.follow_up import OrderEnd
from baton.orders.rules.refused import refused_result
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState

QUERY_TIMEOUT = timedelta(seconds=4)
"""How long the query of a closed workflow may take; a worker answers it from the workflow's history."""

_WITH_RESULT = (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.FAILED)


class Fate(StrEnum):
    """What became of a workflow."""

    OPEN = "open"
    ENDED = "ended"
    """It returned an order's result."""
    STOPPED = "stopped"
    """It was terminated or cancelled, timed out or failed: nobody followed the order to its end."""
    UNKNOWN = "unknown"
    """Temporal has no such workflow: it never started, its retention is over, or Temporal lost its data."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A workflow that the index names.

    Attributes:
        workflow_id: Its id.
        fate: What became of it.
        end: How its order ended, as far as that is known.
        closed: The order as it stood when its workflow was stopped; None for any other fate, or if nobody can tell.
        how: For a stopped workflow, Temporal's word for it: `terminated`, `failed`.
    """

    workflow_id: str
    fate: Fate
    end: OrderEnd = field(default_factory=OrderEnd)
    closed: Snapshot | None = None
    how: str = ""


class OrderWorkflows:
    """The orders' workflows in one Temporal namespace.

    Args:
        client: A Temporal client; it may be lazy.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def is_open(self, workflow_id: str) -> bool:
        """Whether a workflow is open.

        Raises:
            RPCError: Temporal did not answer.
        """
        description = await self.describe(workflow_id)
        return description is not None and description.status is WorkflowExecutionStatus.RUNNING

    async def inspect(self, workflow_id: str, order_id: str | None = None) -> Holder:
        """Return what became of a workflow.

        Args:
            workflow_id: The workflow.
            order_id: The Orchestra order that is asked about.

        Raises:
            RPCError: Temporal did not answer.
        """
        description = await self.describe(workflow_id)
        if description is None:
            return Holder(workflow_id, Fate.UNKNOWN)
        if description.status is WorkflowExecutionStatus.RUNNING:
            return Holder(workflow_id, Fate.OPEN)
        result = await self.result(workflow_id) if description.status in _WITH_RESULT else None
        if result is None:
            return await self._stopped(workflow_id, description)
        return Holder(workflow_id, Fate.ENDED, await self._end(workflow_id, result, order_id))

    async def last_state(self, workflow_id: str) -> Snapshot | None:
        """Return a closed order as its workflow left it, or else as it was placed; None if nobody can tell.

        Raises:
            RPCError: Temporal or the workers did not answer.
        """
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            closed: Snapshot = await handle.query(SNAPSHOT, result_type=Snapshot, rpc_timeout=QUERY_TIMEOUT)
        except WorkflowQueryFailedError:
            return await self.as_placed(workflow_id)
        except RPCError as error:
            if error.status in (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION):
                return await self.as_placed(workflow_id)
            raise
        return closed

    async def describe(self, workflow_id: str) -> WorkflowExecutionDescription | None:
        """Return what Temporal has on a workflow's newest run; None if it does not know the workflow.

        Raises:
            RPCError: Temporal did not answer.
        """
        try:
            return await self._client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if is_unknown(error):
                return None
            raise

    async def result(self, workflow_id: str) -> OrderResult | None:
        """Return the result of a workflow, also of an order that was refused; None if it has none.

        Raises:
            RPCError: Temporal did not answer.
        """
        handle = self._client.get_workflow_handle(workflow_id, result_type=OrderResult)
        try:
            result: OrderResult = await handle.result()
        except WorkflowFailureError as error:
            return refused_result(error.cause)
        except (RuntimeError, TypeError, ValueError):  # a validation error is a ValueError
            return None
        return result

    async def _end(self, workflow_id: str, result: OrderResult, order_id: str | None) -> OrderEnd:
        end = OrderEnd.of(result)
        if result.superseded is not None or order_id is None or end.is_about(order_id):
            return end
        # A result of an older version does not list the orders that the last one replaced.
        closed = await self.last_state(workflow_id)
        return OrderEnd.of(closed) if closed and closed.outcome else end

    async def _stopped(self, workflow_id: str, description: WorkflowExecutionDescription) -> Holder:
        how = description.status.name.lower() if description.status else "closed"
        closed = await self.last_state(workflow_id)
        if closed and closed.outcome:
            return Holder(workflow_id, Fate.ENDED, OrderEnd.of(closed))  # the order had ended before its workflow
        return Holder(workflow_id, Fate.STOPPED, OrderEnd.of(closed) if closed else OrderEnd(), closed, how)

    async def as_placed(self, workflow_id: str) -> Snapshot | None:
        """Return the order as its workflow's first event has it; None if that is not an order.

        Raises:
            RPCError: Temporal did not answer.
        """
        events = self._client.get_workflow_handle(workflow_id).fetch_history_events(page_size=1)
        async for event in events:
            payloads = event.workflow_execution_started_event_attributes.input.payloads
            order = await self._decode_order(payloads) if len(payloads) == 1 else None
            at = event.event_time.ToDatetime(UTC)
            return snapshot_of(order, order.state or _first_state(order, at)) if order else None
        return None

    async def _decode_order(self, payloads: Sequence[Payload]) -> PlaceOrder | None:
        try:
            decoded: list[PlaceOrder] = await self._client.data_converter.decode(payloads, [PlaceOrder])
        except (RuntimeError, TypeError, ValueError):  # a validation error is a ValueError
            return None
        return decoded[0]


def _first_state(order: PlaceOrder, at: datetime) -> OrderState:
    return OrderState(phase=first_phase(order), opened_at=at, heard_at=at)


def is_unknown(error: RPCError) -> bool:
    """Whether Temporal has no such workflow, or no open one.

    A wrong namespace has the same status, but it is an error in the settings, which can be corrected.
    """
    if error.status is not RPCStatusCode.NOT_FOUND:
        return False
    namespace = NamespaceNotFoundFailure.DESCRIPTOR
    return not any(detail.Is(namespace) for detail in error.grpc_status.details)
