"""The approval workflow: decides one ZeroConf offer by policy, or asks the business, before the offer's deadline.

It is a child of the order, so every offer has its own history: what was offered, what the policy decided and from which
figures, who answered, and how Orchestra replied.
"""

from datetime import datetime

from temporalio import workflow

from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.zeroconf import (
    Verdict,
    ZeroConfAction,
    ZeroConfPolicy,
    decide_by,
    judge,
    on_silence,
    without_room,
)
from baton.orders.child_details import approval_details, decided
from baton.orders.messages import DAILY_CAP, AnswerZeroConf, Refusal
from baton.orders.names import idempotency_key
from baton.orders.reports import ApprovalEnd, ApprovalReport, BusinessDecision
from baton.orders.rules.zeroconf import ApprovalRequest, still_open
from workflows.support import activity_calls
from workflows.support.timer import UpdatableTimer

POLICY, BUSINESS, SILENCE, ORCHESTRA = "policy", "business", "silence", "orchestra"


@workflow.defn
class ZeroConfApprovalWorkflow:
    """One offer; its id is `{order's workflow id}/zeroconf/{offer's quote id}`."""

    @workflow.init
    def __init__(self, request: ApprovalRequest) -> None:
        self._request = request
        self._decision: BusinessDecision | None = None
        self._settled = False

    @workflow.run
    async def run(self, request: ApprovalRequest) -> ApprovalReport:
        """Judge the offer, ask the business if the policy says so, and answer Orchestra in time."""
        terms = await activity_calls.zeroconf_terms(request.account)
        policy = request.policy or terms.policy
        self._show(POLICY, decide_by(request.offer, policy), "the policy is applied")
        verdict, by = judge(request.offer, policy, terms.open_exposure_sats), POLICY
        if verdict.action is ZeroConfAction.ACCEPT and not self._settled:
            refusal = await self._send(verdict, policy.daily_cap_sats)
            if refusal is None or refusal.code != DAILY_CAP:
                return self._report_answer(verdict, by, refusal)
            verdict = without_room(policy, refusal.message)
        if verdict.action is ZeroConfAction.ASK:
            verdict, by = await self._ask(policy)
        if self._settled:
            return self._report(ApprovalEnd.SETTLED, ORCHESTRA, ["the offer was settled before Baton answered"])
        if verdict.action is ZeroConfAction.LAPSE:
            return self._report(ApprovalEnd.LAPSED, by, verdict.reasons)
        return self._report_answer(verdict, by, await self._send(verdict))

    @workflow.signal(description="The business's answer to the offer.")
    def decide(self, decision: BusinessDecision) -> None:
        """Keep the answer; the first one counts."""
        self._decision = self._decision or decision

    @workflow.signal(description="The order's newest record.")
    def observe(self, record: OrderRecord) -> None:
        """Note whether the offer is still open."""
        self._settled = self._settled or not still_open(record, self._request.offer.quote_id)

    async def _ask(self, policy: ZeroConfPolicy) -> tuple[Verdict, str]:
        """Wait for the business's answer, at most until the policy's deadline; return the verdict and who gave it."""
        due = decide_by(self._request.offer, policy)
        self._show(f"the {BUSINESS}", due, f"without an answer: {on_silence(policy).action}")
        timer = UpdatableTimer()
        if due is not None:
            timer.set(due)
        await workflow.wait_condition(lambda: self._decision is not None or self._settled or timer.fired)
        if self._decision is not None:
            return self._decision.verdict(), BUSINESS
        return on_silence(policy), SILENCE

    async def _send(self, verdict: Verdict, cap_sats: int | None = None) -> Refusal | None:
        """Answer Orchestra, within the account's cap if there is one; return the refusal."""
        accept = verdict.action is ZeroConfAction.ACCEPT
        call = AnswerZeroConf(
            account=self._request.account,
            workflow_id=self._request.order_workflow_id,
            order_id=self._request.order_id,
            offer_id=self._request.offer.quote_id or "",
            accept=accept,
            credit_sats=self._request.offer.exposure_sats or 0,
            cap_sats=cap_sats,
            reason="; ".join(verdict.reasons)[:500],
            key=idempotency_key(self._request.order_workflow_id, f"zeroconf-{verdict.action}", self._request.ordinal),
        )
        return await activity_calls.answer_zeroconf(call)

    def _report_answer(self, verdict: Verdict, by: str, refusal: Refusal | None) -> ApprovalReport:
        if refusal is not None:
            reasons = [*verdict.reasons, f"Orchestra refused the answer, {refusal.code}: {refusal.message}"]
            return self._report(ApprovalEnd.TOO_LATE, by, reasons)
        accepted = verdict.action is ZeroConfAction.ACCEPT
        return self._report(ApprovalEnd.ACCEPTED if accepted else ApprovalEnd.DECLINED, by, verdict.reasons)

    def _report(self, end: ApprovalEnd, by: str, reasons: list[str]) -> ApprovalReport:
        offer = self._request.offer
        self._show(by, None, decided(end, by, reasons))
        now = workflow.now()
        return ApprovalReport(offer_id=offer.quote_id, end=end, by=by, reasons=reasons, offer=offer, at=now)

    def _show(self, who: str, due: datetime | None, then: str) -> None:
        """Show people in the Temporal UI where the approval stands."""
        request = self._request
        workflow.set_current_details(approval_details(request.order_id, request.offer, who, due, then))
