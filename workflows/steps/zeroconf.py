"""The order's side of ZeroConf offers: one approval workflow for each, fed with news and answers, and heard at its end.

Nothing that happens to a child, not even its termination by an operator, may end the order: an offer that nobody
answers lapses, and the deposit waits for a confirmation.
"""

import asyncio
from collections.abc import Callable

from temporalio import workflow
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.zeroconf import ZeroConfOffer, read_offer
from baton.orders.names import approval_workflow_id
from baton.orders.place_order import PlaceOrder
from baton.orders.reports import ApprovalReport, BusinessDecision
from baton.orders.rules.zeroconf import ApprovalRequest
from workflows.support.children import ignore_child_failure
from workflows.zeroconf_approval import ZeroConfApprovalWorkflow

Child = ChildWorkflowHandle[ZeroConfApprovalWorkflow, ApprovalReport]
_WHAT = "the approval workflow"


class Approving:
    """Runs at most one approval at a time for an order."""

    def __init__(self, order: PlaceOrder, deliver: Callable[[ApprovalReport], None]) -> None:
        self._order = order
        self._deliver = deliver
        self._child: Child | None = None
        self._starting = False
        self._offers: list[str] = []
        self._told: OrderRecord | None = None

    @property
    def running(self) -> bool:
        """Tell whether an offer waits for a decision."""
        return self._starting or (self._child is not None and not self._child.done())

    async def follow(self, record: OrderRecord | None) -> None:
        """Start an approval for a new pending offer, and hand on what is new about the one under way."""
        if record is None or record == self._told:
            return
        self._told = record
        offer = read_offer(record)
        if self.running:
            await self._tell(ZeroConfApprovalWorkflow.observe, record)
        elif record.status == Status.AWAITING_APPROVAL and offer and offer.pending:
            await self._start(record, offer)

    async def decide(self, decision: BusinessDecision) -> None:
        """Hand on the business's answer."""
        await self._tell(ZeroConfApprovalWorkflow.decide, decision)

    async def _start(self, record: OrderRecord, offer: ZeroConfOffer) -> None:
        offer_id = offer.quote_id or record.id
        if offer_id in self._offers:
            return
        self._offers.append(offer_id)
        parent = workflow.info().workflow_id
        request = ApprovalRequest(
            order_workflow_id=parent,
            account=self._order.account,
            order_id=record.id,
            ordinal=len(self._offers),
            offer=offer,
            policy=self._order.policy.zeroconf,
        )
        starting = workflow.start_child_workflow(
            ZeroConfApprovalWorkflow.run,
            request,
            id=approval_workflow_id(parent, offer_id),
            parent_close_policy=ParentClosePolicy.ABANDON,
            static_summary=f"ZeroConf offer for {self._order.reference}",
        )
        self._starting = True
        child = await ignore_child_failure(starting, _WHAT)
        self._starting = False
        if child:
            self._child = child
            self._ending = asyncio.create_task(self._hear(child))

    async def _hear(self, child: Child) -> None:
        if report := await ignore_child_failure(child, _WHAT):
            self._deliver(report)

    async def _tell(self, signal: Callable[..., None], told: OrderRecord | BusinessDecision) -> None:
        if self._child is not None and not self._child.done():
            await ignore_child_failure(self._child.signal(signal, told), _WHAT)
