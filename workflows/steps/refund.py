"""The order's side of a refund: starts the refund's own workflow, hands on what is observed, and hears its end.

Nothing that happens to the child, not even its termination by an operator, may end the order.
"""

from temporalio import workflow
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orders.names import refund_workflow_id
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.refund import RefundOrder, RefundReport
from workflows.refund import RefundWorkflow
from workflows.support.children import ignore_child_failure

_WHAT = "the refund workflow"


class Refunding:
    """Runs at most one refund workflow for an order."""

    def __init__(self, order: PlaceOrder) -> None:
        self._order = order
        self._child: ChildWorkflowHandle[RefundWorkflow, RefundReport] | None = None
        self._told: OrderRecord | None = None

    @property
    def running(self) -> bool:
        """Tell whether a refund workflow is under way."""
        return self._child is not None and not self._child.done()

    async def follow(self, record: OrderRecord | None) -> None:
        """Start the refund's workflow when the order is `refunding`, and hand on what is new about it."""
        if record is None or record == self._told:
            return
        if self._child is None and record.status == Status.REFUNDING:
            await self._start(record)
        elif self.running:
            await self._hand_on(record)

    async def end(self, record: OrderRecord | None) -> None:
        """Let the refund's workflow see the order's end, and wait until it has said what it has to say."""
        await self.follow(record)
        if self._child is not None:
            await ignore_child_failure(self._child, _WHAT)

    async def _start(self, record: OrderRecord) -> None:
        self._told = record
        parent = workflow.info().workflow_id
        refund = RefundOrder(
            order_workflow_id=parent,
            source_chain=record.source_chain or self._order.request.source_chain,
            record=record,
        )
        self._child = await ignore_child_failure(
            workflow.start_child_workflow(
                RefundWorkflow.run,
                refund,
                id=refund_workflow_id(parent),
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=f"refund of {self._order.reference}",
            ),
            _WHAT,
        )

    async def _hand_on(self, record: OrderRecord) -> None:
        self._told = record
        assert self._child is not None
        await ignore_child_failure(self._child.signal(RefundWorkflow.observe, record), _WHAT)
