"""Raises attention on an order that has ended: its workflow is closed, so another one holds the attention."""

from datetime import timedelta

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from baton.orders.child_details import attention_summary
from baton.orders.ended_order import AttentionStanding, EndedOrder
from baton.orders.models import Attention
from baton.orders.names import ATTEND, ATTENTION, ATTENTION_WORKFLOW, WORKFLOW_QUEUE, attention_workflow_id
from baton.orders.visibility import ended_listing

_QUERY_TIMEOUT = timedelta(seconds=4)


async def raise_after_close(client: Client, order_workflow_id: str, attention: Attention) -> None:
    """Raise attention on an order that has ended. Repeating it is harmless.

    Raises:
        RPCError: Temporal did not answer.
    """
    await client.start_workflow(
        ATTENTION_WORKFLOW,
        await _ended(client, order_workflow_id),
        id=attention_workflow_id(order_workflow_id),
        task_queue=WORKFLOW_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        search_attributes=ended_listing(order_workflow_id, [attention.reason]),
        static_summary=attention_summary(order_workflow_id, [attention.reason]),
        start_signal=ATTEND,
        start_signal_args=[attention],
    )


async def _ended(client: Client, order_workflow_id: str) -> EndedOrder:
    """Return the order with what people have done about earlier reasons, which another run may hold."""
    attention = client.get_workflow_handle(attention_workflow_id(order_workflow_id))
    try:
        standing: AttentionStanding = await attention.query(
            ATTENTION, result_type=AttentionStanding, rpc_timeout=_QUERY_TIMEOUT
        )
    except (RPCError, WorkflowQueryFailedError):  # the money matters more than the notes
        return EndedOrder(order_workflow_id=order_workflow_id)
    return EndedOrder(order_workflow_id=order_workflow_id, resolutions=standing.resolutions, cleared=standing.cleared)
