"""The reprice step: judges a new repricing by policy, sends the policy's or the business's answer, and reports it.

A repricing has no deadline and one answer, so it needs no workflow of its own: the answer is a call under an
idempotency key, made in the background so that the order still applies news.
"""

import asyncio
from contextlib import suppress

from temporalio import workflow

from baton.holds.models import CallHeld
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.reprice import Reprice, RepriceAction, RepriceVerdict, can_be_refunded, judge
from baton.orders.messages import AnswerReprice, Refusal
from baton.orders.names import idempotency_key
from baton.orders.place_order import PlaceOrder
from baton.orders.reports import RepriceDecision, RepriceReport
from baton.orders.rules.intake import MAX_REPORTS
from baton.orders.rules.reprice import TOO_LATE, open_question
from baton.orders.rules.wait_plans import HOLD_LOOKS
from baton.orders.state import OrderState
from baton.orders.summaries import route_of
from workflows.support import activity_calls
from workflows.support.inbox import Inbox

POLICY, BUSINESS = "policy", "business"


class RepriceStep:
    """Answers at most one repricing at a time for an order."""

    def __init__(self, order: PlaceOrder, state: OrderState, inbox: Inbox) -> None:
        self._order = order
        self._state = state
        self._inbox = inbox
        self._judging: asyncio.Task[None] | None = None
        self._answering: asyncio.Task[None] | None = None
        self._decided: list[Reprice] = []
        self._held = False

    @property
    def answering(self) -> bool:
        """Whether an answer is on its way to Orchestra; one that a hold stops is not, and may be replaced."""
        return self._has_answer and not self._held

    @property
    def running(self) -> bool:
        """Whether a repricing is being judged or answered."""
        return self._has_answer or (self._judging is not None and not self._judging.done())

    @property
    def _has_answer(self) -> bool:
        return self._answering is not None and not self._answering.done()

    def follow(self, record: OrderRecord | None) -> None:
        """Judge a new repricing by policy."""
        question = open_question(record)
        if record is None or question is None or self.running or self._is_known(question):
            return
        self._state.judged_reprices = [*self._state.judged_reprices, question][-MAX_REPORTS:]
        self._judging = asyncio.create_task(self._judge(record, question))

    def decide(self, record: OrderRecord | None, decision: RepriceDecision) -> None:
        """Send the business's answer, which overrides the policy's."""
        question = open_question(record)
        if record is not None and question is not None and not self.answering:
            self._decided.append(question)
            call = self._call(record, decision.verdict(question), decision.refund_address)
            self._answer(question, call, BUSINESS)

    def _is_known(self, question: Reprice) -> bool:
        answered = any(report.requested_at == question.requested_at for report in self._state.reprices)
        return answered or question in self._state.judged_reprices

    async def _judge(self, record: OrderRecord, question: Reprice) -> None:
        policy = self._order.policy.reprice or await activity_calls.reprice_policy(self._order.account)
        refundable = can_be_refunded(record) and bool(self._order.request.refund_address)
        verdict = judge(question, policy, refundable=refundable)
        if verdict.action not in (None, RepriceAction.ASK) and question not in self._decided:
            self._answer(question, self._call(record, verdict), POLICY)

    def _call(self, record: OrderRecord, verdict: RepriceVerdict, refund_address: str | None = None) -> AnswerReprice:
        assert verdict.action is not None
        ordinal = max(self._state.reprice_count, len(self._state.reprices)) + 1
        return AnswerReprice(
            account=self._order.account,
            order_id=record.id,
            action=verdict.action,
            minimum=verdict.approved_min_amount_out,
            refund_address=refund_address or self._order.request.refund_address,
            reason="; ".join(verdict.reasons)[:500],
            key=idempotency_key(workflow.info().workflow_id, f"reprice-{verdict.action}", ordinal),
            route=route_of(self._order),
        )

    def _answer(self, question: Reprice, call: AnswerReprice, by: str) -> None:
        if self._held and self._answering is not None:
            self._answering.cancel()
        self._held = False
        self._answering = asyncio.create_task(self._send(question, call, by))

    async def _send(self, question: Reprice, call: AnswerReprice, by: str) -> None:
        """Send the answer and report it; behind a hold, wait as long as the question is open."""
        answer, looks = await activity_calls.answer_reprice(call), 0
        while isinstance(answer, CallHeld):
            looks += 1
            await self._wait_behind(answer, question, looks)
            if open_question(self._state.view.record) != question:
                return
            releases = [*self._inbox.releases]
            behind = None if answer.hold_id in releases else answer.hold_id
            again = call.model_copy(update={"behind": behind, "released": releases})
            answer = await activity_calls.answer_reprice(again)
        self._inbox.add_reprice(_report(question, call, by, answer))

    async def _wait_behind(self, held: CallHeld, question: Reprice, looks: int) -> None:
        """Wait until a hold is released, it is time to look again, or the question is closed."""
        told = len(self._inbox.releases)
        self._inbox.add_held_call(held)
        self._held = True
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: len(self._inbox.releases) > told or open_question(self._state.view.record) != question,
                timeout=HOLD_LOOKS.pause(looks),
                timeout_summary=f"before the answer is tried again, which {held.hold_id} stops",
            )
        self._held = False


def _report(question: Reprice, call: AnswerReprice, by: str, refusal: Refusal | None) -> RepriceReport:
    return RepriceReport(
        requested_at=question.requested_at,
        action=str(call.action),
        by=by,
        minimum=call.minimum,
        reasons=[call.reason],
        refused=f"{refusal.code}: {refusal.message}" if refusal else None,
        too_late=refusal is not None and refusal.code in TOO_LATE,
    )
