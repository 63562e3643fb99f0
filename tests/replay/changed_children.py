"""Child workflows with careless changes, which the replay test must catch."""

from temporalio import workflow

from baton.orchestra.rules.zeroconf import Verdict
from baton.orders.reports import ApprovalReport
from baton.orders.rules.refund import RefundOrder, RefundReport
from baton.orders.rules.zeroconf import ApprovalRequest
from workflows.refund import RefundWorkflow
from workflows.zeroconf_approval import SentAnswer, ZeroConfApprovalWorkflow


@workflow.defn(name="RefundWorkflow")
class PausesAtTheEnd(RefundWorkflow):
    """Ends with an additional pause."""

    @workflow.init
    def __init__(self, refund: RefundOrder) -> None:
        super().__init__(refund)

    @workflow.run
    async def run(self, refund: RefundOrder) -> RefundReport:
        report = await super().run(refund)
        await workflow.sleep(1)
        return report


@workflow.defn(name="ZeroConfApprovalWorkflow")
class NeverAnswers(ZeroConfApprovalWorkflow):
    """Waits for a while instead of sending the verdict."""

    @workflow.init
    def __init__(self, request: ApprovalRequest) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: ApprovalRequest) -> ApprovalReport:
        return await super().run(request)

    async def _send(self, verdict: Verdict, by: str, cap_sats: int | None = None) -> SentAnswer:
        await workflow.sleep(1)
        return SentAnswer(verdict, by, None)


CARELESS_CHILDREN = {"refunded.refund": PausesAtTheEnd, "offer_accepted_by_policy.zeroconf": NeverAnswers}
"""The changed workflow for a stored history."""
