"""The approval workflow: decides one ZeroConf offer by policy, or asks the business, before the offer's deadline.

It is a child of the order, so every offer has its own history: what was offered, what the policy decided and from which
figures, who answered, and how Orchestra replied.
"""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from temporalio import workflow

from baton.holds.models import CallHeld
from baton.holds.names import APPROVAL_HELD, RELEASED
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
from baton.orders.rules.wait_plans import HOLD_LOOKS, OPERATOR
from baton.orders.rules.zeroconf import ApprovalRequest, still_open
from baton.orders.timeline_words import until_words
from workflows.support import activity_calls
from workflows.support.children import ignore_child_failure
from workflows.support.order_pages import pages_of
from workflows.support.timer import UpdatableTimer

POLICY, BUSINESS, SILENCE, ORCHESTRA = "policy", "business", "silence", "orchestra"


class SentAnswer(NamedTuple):
    """The answer that was sent, who decided it, and Orchestra's refusal."""

    verdict: Verdict
    by: str
    refusal: Refusal | None


@workflow.defn
class ZeroConfApprovalWorkflow:
    """One offer; its id is `{order's workflow id}/zeroconf/{offer's quote id}`."""

    @workflow.init
    def __init__(self, request: ApprovalRequest) -> None:
        self._request = request
        self._decision: BusinessDecision | None = None
        self._settled = False
        self._held: CallHeld | None = None
        self._looks = 0
        self._releases: list[str] = []

    @workflow.run
    async def run(self, request: ApprovalRequest) -> ApprovalReport:
        """Judge the offer, ask the business if the policy says so, and answer Orchestra in time."""
        terms = await activity_calls.zeroconf_terms(request.account)
        policy = request.policy or terms.policy
        self._show(POLICY, decide_by(request.offer, policy), "the policy is applied")
        verdict, by = judge(request.offer, policy, terms.open_exposure_sats), POLICY
        if verdict.action is ZeroConfAction.ACCEPT and not self._settled:
            sent = await self._send(verdict, by, policy.daily_cap_sats)
            if sent.refusal is None or sent.refusal.code != DAILY_CAP:
                return self._report_answer(sent)
            verdict = without_room(policy, sent.refusal.message)
        if verdict.action is ZeroConfAction.ASK:
            verdict, by = await self._ask(policy)
        if self._settled:
            return self._report(ApprovalEnd.SETTLED, ORCHESTRA, ["the offer was settled before Baton answered"])
        if verdict.action is ZeroConfAction.LAPSE:
            return self._report(ApprovalEnd.LAPSED, by, verdict.reasons)
        return self._report_answer(await self._send(verdict, by))

    @workflow.signal(description="The business's answer to the offer.")
    def decide(self, decision: BusinessDecision) -> None:
        """Keep the answer; the first one counts."""
        self._decision = self._decision or decision

    @workflow.signal(description="The order's newest record.")
    def observe(self, record: OrderRecord) -> None:
        """Note whether the offer is still open."""
        self._settled = self._settled or not still_open(record, self._request.offer.quote_id)

    @workflow.signal(name=RELEASED, description="A hold is released, and the order's turn has come.")
    def released(self, hold_id: str) -> None:
        """Note the release of a hold."""
        self._releases.append(hold_id)

    async def _ask(self, policy: ZeroConfPolicy) -> tuple[Verdict, str]:
        """Wait for the business's answer, at most until the policy's deadline; return the verdict and who gave it."""
        due = decide_by(self._request.offer, policy)
        self._show(f"the {BUSINESS}", due, f"without an answer: {on_silence(policy).action}")
        timer = UpdatableTimer()
        if due is not None:
            timer.set(due, until_words("the business's answer to the offer", due, workflow.now()))
        await workflow.wait_condition(lambda: self._decision is not None or self._settled or timer.fired)
        if self._decision is not None:
            return self._decision.verdict(), BUSINESS
        return on_silence(policy), SILENCE

    async def _send(self, verdict: Verdict, by: str, cap_sats: int | None = None) -> SentAnswer:
        """Answer Orchestra, within the account's cap if there is one; return what was sent and the refusal.

        Behind a hold it waits, as long as the offer is open; the business may answer otherwise meanwhile.
        """
        while isinstance(answer := await activity_calls.answer_zeroconf(self._call(verdict, cap_sats)), CallHeld):
            await self._wait_behind(answer)
            if self._settled:
                return SentAnswer(verdict, by, None)
            if self._decision is not None and by != BUSINESS:
                verdict, by, cap_sats = self._decision.verdict(), BUSINESS, None
        self._held = None
        return SentAnswer(verdict, by, answer)

    async def _wait_behind(self, held: CallHeld) -> None:
        """Tell the order that a hold stops the answer, and wait for its release, or until it is time to look again."""
        self._held, told, answered = held, len(self._releases), self._decision
        self._looks += 1
        order = workflow.get_external_workflow_handle(self._request.order_workflow_id)
        await ignore_child_failure(order.signal(APPROVAL_HELD, held), "the order")
        self._show(OPERATOR, None, f"{held.hold_id} stops approvals: {held.reason}")
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._settled or len(self._releases) > told or self._decision is not answered,
                timeout=HOLD_LOOKS.pause(self._looks),
                timeout_summary=f"before the answer is tried again, which {held.hold_id} stops",
            )

    def _call(self, verdict: Verdict, cap_sats: int | None) -> AnswerZeroConf:
        accept, held = verdict.action is ZeroConfAction.ACCEPT, self._held
        return AnswerZeroConf(
            account=self._request.account,
            workflow_id=self._request.order_workflow_id,
            order_id=self._request.order_id,
            offer_id=self._request.offer.quote_id or "",
            accept=accept,
            credit_sats=self._request.offer.exposure_sats or 0,
            cap_sats=cap_sats,
            reason="; ".join(verdict.reasons)[:500],
            key=idempotency_key(self._request.order_workflow_id, f"zeroconf-{verdict.action}", self._request.ordinal),
            route=self._request.route,
            behind=held.hold_id if held and held.hold_id not in self._releases else None,
            released=self._releases,
        )

    def _report_answer(self, sent: SentAnswer) -> ApprovalReport:
        verdict, by, refusal = sent
        if self._held is not None:
            reasons = [f"the offer was settled while {self._held.hold_id} stopped the answer: {self._held.reason}"]
            return self._report(ApprovalEnd.SETTLED, ORCHESTRA, reasons)
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
        request, pages = self._request, pages_of(self._request.order_workflow_id)
        workflow.set_current_details(approval_details(request.order_id, request.offer, who, due, then, pages))
