"""The refund workflow: follows one order's refund from `refunding` to its end, as a child of the order.

It has its own id, deadline and history, so that an operator sees which refunds are open and since when. The order
forwards every new record to it, and it raises attention on the order when a person must look.
"""

from datetime import datetime

from temporalio import workflow

from baton.orchestra.models import OrderRecord
from baton.orders.child_details import refund_details
from baton.orders.models import Attention
from baton.orders.names import ATTEND
from baton.orders.rules.attention import refund_overdue, refund_without_transaction
from baton.orders.rules.refund import RefundOrder, RefundReport, ended, refund_patience, report_of
from baton.orders.rules.wait_plans import REMINDER
from baton.orders.timeline_words import until_words
from workflows.support.order_pages import pages_of
from workflows.support.timer import UpdatableTimer


@workflow.defn
class RefundWorkflow:
    """One refund; its id is `{order's workflow id}/refund`."""

    @workflow.init
    def __init__(self, refund: RefundOrder) -> None:
        self._refund = refund
        self._record = refund.record
        self._has_news = False
        self._timer = UpdatableTimer()

    @workflow.run
    async def run(self, refund: RefundOrder) -> RefundReport:
        """Wait for the refund's end and report it; raise attention when it is overdue or names no transaction."""
        began = workflow.now()
        due = began + refund_patience(refund.source_chain)
        while not ended(self._record):
            workflow.set_current_details(refund_details(self._record, began, due, pages_of(refund.order_workflow_id)))
            await self._wait_for_record_until(due)
            if self._timer.reached(due) and not ended(self._record):
                await self._raise_on_order(refund_overdue(began, workflow.now()))
                due += REMINDER
        if attention := refund_without_transaction(self._record, workflow.now()):
            await self._raise_on_order(attention)
        workflow.set_current_details(refund_details(self._record, began, due, pages_of(refund.order_workflow_id)))
        return report_of(self._record)

    @workflow.signal(description="The order's newest record.")
    def observe(self, record: OrderRecord) -> None:
        """Keep the order's newest record."""
        self._record, self._has_news = record, True

    @workflow.query(description="The refund as it stands.")
    def report(self) -> RefundReport:
        """Return the refund's asset, amount, transaction and cause; what is unknown is None."""
        return report_of(self._record)

    async def _wait_for_record_until(self, due: datetime) -> None:
        self._has_news = False
        self._timer.set(due, until_words("the refund, from Orchestra", due, workflow.now()))
        await workflow.wait_condition(lambda: self._has_news or self._timer.fired)

    async def _raise_on_order(self, attention: Attention) -> None:
        order = workflow.get_external_workflow_handle(self._refund.order_workflow_id)
        await order.signal(ATTEND, attention)
