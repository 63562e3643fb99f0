"""The refund step: starts the refund workflow, forwards the order's record to it, and waits for its end.

Nothing that happens to that child workflow may end the order, not even its termination by an operator.
"""

from temporalio import workflow
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orders.child_details import refund_summary
from baton.orders.names import refund_workflow_id
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.refund import RefundOrder, RefundReport
from workflows.refund import RefundWorkflow
from workflows.support.children import ignore_child_failure

_CHILD = "the refund workflow"


class RefundStep:
    """Runs at most one refund workflow for an order."""

    def __init__(self, order: PlaceOrder) -> None:
        self._order = order
        self._child: ChildWorkflowHandle[RefundWorkflow, RefundReport] | None = None
        self._forwarded: OrderRecord | None = None

    @property
    def started(self) -> bool:
        """Whether this run started a refund workflow, which then raises the refund's attention."""
        return self._child is not None

    @property
    def running(self) -> bool:
        """Whether a refund workflow is under way."""
        return self._child is not None and not self._child.done()

    async def follow(self, record: OrderRecord | None) -> None:
        """Start the refund workflow when the order is `refunding`, and forward each new record to it."""
        if record is None or record == self._forwarded:
            return
        if self._child is None and record.status == Status.REFUNDING:
            await self._start(record)
        elif self.running:
            await self._forward(record)

    async def finish(self, record: OrderRecord | None) -> None:
        """Forward the order's end to the refund workflow and wait until it has reported."""
        await self.follow(record)
        if self._child is not None:
            await ignore_child_failure(self._child, _CHILD)

    async def _start(self, record: OrderRecord) -> None:
        self._forwarded = record
        parent = workflow.info().workflow_id
        refund = RefundOrder(
            order_workflow_id=parent,
            source_chain=record.source_chain or self._order.request.source_chain,
            record=record,
        )
        starting = workflow.start_child_workflow(
            RefundWorkflow.run,
            refund,
            id=refund_workflow_id(parent),
            parent_close_policy=ParentClosePolicy.ABANDON,
            static_summary=refund_summary(self._order.reference, record),
        )
        self._child = await ignore_child_failure(starting, _CHILD)

    async def _forward(self, record: OrderRecord) -> None:
        self._forwarded = record
        assert self._child is not None
        await ignore_child_failure(self._child.signal(RefundWorkflow.observe, record), _CHILD)
