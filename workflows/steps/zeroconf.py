"""The ZeroConf step: one approval workflow for each offer, which gets the order's record and the business's answer.

Nothing that happens to that child workflow may end the order, not even its termination by an operator: an offer without
an answer lapses, and the deposit waits for its confirmation.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.zeroconf import ZeroConfOffer, read_offer
from baton.orders.child_details import approval_summary
from baton.orders.names import approval_workflow_id
from baton.orders.place_order import PlaceOrder
from baton.orders.reports import ApprovalReport, BusinessDecision
from baton.orders.rules.intake import MAX_REPORTS
from baton.orders.rules.zeroconf import ApprovalRequest
from baton.orders.state import OrderState
from baton.orders.summaries import route_of
from workflows.support.children import ignore_child_failure
from workflows.support.inbox import Inbox
from workflows.zeroconf_approval import ZeroConfApprovalWorkflow

REPORT_PATIENCE = timedelta(minutes=1)
"""How long an order that has ended waits for the report of its approval, whose calls may have no answer."""

Child = ChildWorkflowHandle[ZeroConfApprovalWorkflow, ApprovalReport]
_CHILD = "the approval workflow"


class ZeroConfStep:
    """Runs at most one approval workflow at a time for an order."""

    def __init__(self, order: PlaceOrder, state: OrderState, inbox: Inbox) -> None:
        self._order = order
        self._state = state
        self._inbox = inbox
        self._child: Child | None = None
        self._delivering: asyncio.Task[None] | None = None
        self._starting = False
        self._forwarded: OrderRecord | None = None
        self._releases_forwarded = 0

    @property
    def running(self) -> bool:
        """Whether an offer waits for a decision."""
        return self._starting or (self._child is not None and not self._child.done())

    async def follow(self, record: OrderRecord | None) -> None:
        """Start an approval for a new pending offer, or forward to the one under way what is new."""
        await self._forward_releases()
        if record is None or record == self._forwarded:
            return
        self._forwarded = record
        offer = read_offer(record)
        if self.running:
            await self._signal(ZeroConfApprovalWorkflow.observe, record)
        elif record.status == Status.AWAITING_APPROVAL and offer and offer.pending:
            await self._start(record, offer)

    async def finish(self, record: OrderRecord | None) -> None:
        """Forward the order's end to the approval under way, and wait a while for its report."""
        await self.follow(record)
        if self._delivering is not None:
            await workflow.wait([self._delivering], timeout=REPORT_PATIENCE.total_seconds())

    async def decide(self, decision: BusinessDecision) -> None:
        """Forward the business's answer."""
        await self._signal(ZeroConfApprovalWorkflow.decide, decision)

    async def _forward_releases(self) -> None:
        """Forward the releases of holds that came since the last time."""
        releases = self._inbox.releases
        new, self._releases_forwarded = releases[self._releases_forwarded :], len(releases)
        for hold_id in new:
            await self._signal(ZeroConfApprovalWorkflow.released, hold_id)

    async def _start(self, record: OrderRecord, offer: ZeroConfOffer) -> None:
        offer_id = offer.quote_id or record.id
        if offer_id in self._state.offers:
            return
        self._state.offer_count = max(self._state.offer_count, len(self._state.offers)) + 1
        self._state.offers = [*self._state.offers, offer_id][-MAX_REPORTS:]
        starting = workflow.start_child_workflow(
            ZeroConfApprovalWorkflow.run,
            self._request(record, offer),
            id=approval_workflow_id(workflow.info().workflow_id, offer_id),
            parent_close_policy=ParentClosePolicy.ABANDON,
            static_summary=approval_summary(self._order.reference, offer),
        )
        self._starting = True
        child = await ignore_child_failure(starting, _CHILD)
        self._starting = False
        if child:
            self._child = child
            self._delivering = asyncio.create_task(self._deliver_report(child))

    def _request(self, record: OrderRecord, offer: ZeroConfOffer) -> ApprovalRequest:
        return ApprovalRequest(
            order_workflow_id=workflow.info().workflow_id,
            account=self._order.account,
            order_id=record.id,
            ordinal=self._state.offer_count,
            offer=offer,
            policy=self._order.policy.zeroconf,
            route=route_of(self._order),
        )

    async def _deliver_report(self, child: Child) -> None:
        if report := await ignore_child_failure(child, _CHILD):
            self._inbox.add_approval(report)

    async def _signal(self, signal: Callable[..., None], argument: OrderRecord | BusinessDecision | str) -> None:
        if self._child is not None and not self._child.done():
            await ignore_child_failure(self._child.signal(signal, argument), _CHILD)
