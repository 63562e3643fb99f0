"""The refund workflow: follows one order's refund from `refunding` to its end, as a child of the order.

It has its own id, deadline and history, so that an operator sees at a glance which refunds are open and since when. It
learns from the order, which hands on every observation, and tells the order when a person must look.
"""

from datetime import datetime

from temporalio import workflow

from baton.orchestra.models import OrderRecord
from baton.orders.models import Attention
from baton.orders.names import ATTEND
from baton.orders.rules.refund import (
    RefundOrder,
    RefundReport,
    ended,
    missing_transaction,
    overdue_refund,
    refund_patience,
    report_of,
)
from baton.orders.rules.wait_plans import REMINDER
from workflows.support.timer import UpdatableTimer


@workflow.defn
class RefundWorkflow:
    """One refund; its id is `{order's workflow id}/refund`."""

    @workflow.init
    def __init__(self, refund: RefundOrder) -> None:
        self._refund = refund
        self._record = refund.record
        self._heard = False
        self._timer = UpdatableTimer()

    @workflow.run
    async def run(self, refund: RefundOrder) -> RefundReport:
        """Wait for the refund's end and report it; tell the order when it is overdue or cannot be proved."""
        began = workflow.now()
        due = began + refund_patience(refund.source_chain)
        while not ended(self._record):
            await self._until_heard_or(due)
            if self._timer.reached(due) and not ended(self._record):
                await self._tell(overdue_refund(began, workflow.now()))
                due += REMINDER
        if attention := missing_transaction(self._record, workflow.now()):
            await self._tell(attention)
        return report_of(self._record)

    @workflow.signal(description="The order as last observed.")
    def observe(self, record: OrderRecord) -> None:
        """Take in what the order has seen."""
        self._record, self._heard = record, True

    @workflow.query(description="The refund as it stands.")
    def report(self) -> RefundReport:
        """Return asset, amount, transaction and cause, as far as they are known."""
        return report_of(self._record)

    async def _until_heard_or(self, due: datetime) -> None:
        self._heard = False
        self._timer.set(due)
        await workflow.wait_condition(lambda: self._heard or self._timer.fired)

    async def _tell(self, attention: Attention) -> None:
        order = workflow.get_external_workflow_handle(self._refund.order_workflow_id)
        await order.signal(ATTEND, attention)
