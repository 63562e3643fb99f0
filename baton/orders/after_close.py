"""Raises attention on an order that has ended: its workflow is closed, so another one holds the attention."""

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from baton.orders.ended_order import EndedOrder
from baton.orders.models import Attention
from baton.orders.names import ATTEND, ATTENTION_WORKFLOW, WORKFLOW_QUEUE, attention_workflow_id
from baton.orders.visibility import ended_listing


async def raise_after_close(client: Client, order_workflow_id: str, attention: Attention) -> None:
    """Raise attention on an order that has ended. Repeating it is harmless.

    Raises:
        RPCError: Temporal did not answer.
    """
    await client.start_workflow(
        ATTENTION_WORKFLOW,
        EndedOrder(order_workflow_id=order_workflow_id),
        id=attention_workflow_id(order_workflow_id),
        task_queue=WORKFLOW_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        search_attributes=ended_listing(order_workflow_id),
        static_summary=f"attention for {order_workflow_id}, which has ended",
        start_signal=ATTEND,
        start_signal_args=[attention],
    )
