"""Reads an order from its workflow: the whole order from a worker, or less from the history of a closed one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from baton.orders.answers import OrderResult, Snapshot
from baton.orders.models import Phase
from baton.orders.names import SNAPSHOT
from baton.ownership.order_workflows import OrderWorkflows

QUERY_TIMEOUT = timedelta(seconds=10)
"""How long a worker may take to answer; it may have to replay the order's history."""

_NO_ANSWER = frozenset(
    {
        RPCStatusCode.CANCELLED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.INVALID_ARGUMENT,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
    }
)


_ENDS_ITSELF = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)


class OrderUnread(Exception):
    """An open order's workflow gave no answer; the text says why."""


@dataclass(frozen=True, slots=True)
class OrderReading:
    """An order as Temporal has it.

    Attributes:
        snapshot: The order.
        asked_at: When its workflow was asked: what the order publishes later is newer.
        stopped: How its workflow was stopped from outside, such as `terminated`; None if it was not.
        closed_at: When its workflow closed; None while it is open.
    """

    snapshot: Snapshot
    asked_at: datetime
    stopped: str | None = None
    closed_at: datetime | None = None


class OrderReader:
    """Reads orders from their workflows.

    Args:
        client: A Temporal client; it may be lazy.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._workflows = OrderWorkflows(client)

    async def read(self, workflow_id: str) -> OrderReading | None:
        """Return an order as the newest run of its workflow has it; None if Temporal does not know that workflow.

        Without an answer of a worker, a closed order is made from its input and its result: the addresses of its quotes
        are missing then.

        Raises:
            OrderUnread: The workflow is open, and no worker answered for it.
            RPCError: Temporal did not answer.
        """
        asked_at = datetime.now(UTC)
        description = await self._workflows.describe(workflow_id)
        if description is None:
            return None
        snapshot = await self._ask(workflow_id, is_open=description.status is WorkflowExecutionStatus.RUNNING)
        if snapshot is None:
            return None
        stopped = None if snapshot.outcome or description.status in _ENDS_ITSELF else _word(description.status)
        return OrderReading(snapshot, asked_at, stopped, description.close_time)

    async def _ask(self, workflow_id: str, *, is_open: bool) -> Snapshot | None:
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            snapshot: Snapshot = await handle.query(SNAPSHOT, result_type=Snapshot, rpc_timeout=QUERY_TIMEOUT)
        except (WorkflowQueryFailedError, RPCError) as error:
            if isinstance(error, RPCError) and error.status not in _NO_ANSWER:
                raise
            if is_open:
                raise OrderUnread(f"{workflow_id}: {error}") from None
            return await self._from_history(workflow_id)
        return snapshot

    async def _from_history(self, workflow_id: str) -> Snapshot | None:
        placed = await self._workflows.as_placed(workflow_id)
        if placed is None:
            return None
        result = await self._workflows.result(workflow_id)
        description = await self._workflows.describe(workflow_id)
        closed_at = description.close_time if description else None
        return with_result(placed, result, closed_at) if result else placed


def _word(status: WorkflowExecutionStatus | None) -> str:
    return status.name.lower() if status else "closed"


def with_result(placed: Snapshot, result: OrderResult, closed_at: datetime | None) -> Snapshot:
    """Return a closed order, made from how it was placed and from its result."""
    known = {
        "outcome": result.outcome,
        "status": result.status,
        "reason": result.reason,
        "order_id": result.order_id,
        "quote_id": result.quote_id,
        "amount_in": result.amount_in,
        "amount_out": result.amount_out,
        "destination_tx_hash": result.destination_tx_hash,
        "superseded": list(result.superseded or []),
    }
    return placed.model_copy(update={**known, "phase": Phase.CLOSED, "waiting_for": None, "closed_at": closed_at})
