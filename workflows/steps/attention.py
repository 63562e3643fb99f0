"""The last step of an order that ends with open reasons: a workflow that outlives the order holds them.

Nothing that happens to that child workflow may keep the order from ending.
"""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.workflow import ParentClosePolicy

from baton.orders.child_details import attention_summary
from baton.orders.ended_order import EndedOrder
from baton.orders.names import attention_workflow_id
from baton.orders.place_order import PlaceOrder
from baton.orders.state import OrderState
from baton.orders.visibility import ended_listing
from workflows.attention import AttentionWorkflow
from workflows.support.children import ignore_child_failure


async def hand_over_attention(order: PlaceOrder, state: OrderState) -> None:
    """Start the workflow that holds the open reasons until a person has resolved them; without any, do nothing."""
    if not state.attentions or not workflow.patched("attention-outlives-the-order"):
        return
    order_id = workflow.info().workflow_id
    ended = EndedOrder(
        order_workflow_id=order_id,
        outcome=state.outcome,
        attentions=list(state.attentions.values()),
        resolutions=state.resolutions,
        cleared=state.cleared,
    )
    starting = workflow.start_child_workflow(
        AttentionWorkflow.run,
        ended,
        id=attention_workflow_id(order_id),
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        parent_close_policy=ParentClosePolicy.ABANDON,
        search_attributes=ended_listing(order_id, state.attentions),
        static_summary=attention_summary(order_id, state.attentions),
    )
    await ignore_child_failure(starting, "the attention workflow")
