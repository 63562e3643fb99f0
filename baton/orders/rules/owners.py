"""Who owes the next step of an order that Orchestra processes, and in which words, as its record tells. Pure.

The status alone does not say: a hold is Orchestra's, an open question is the business's until it is answered, and an
answered one is Orchestra's again.
"""

from dataclasses import replace

from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.zeroconf import read_offer
from baton.orders.reports import ApprovalEnd
from baton.orders.rules.attention import AttentionReason
from baton.orders.rules.holds import held_words
from baton.orders.rules.reprice import open_question
from baton.orders.rules.wait_plans import AWAITING_PAYMENT, BUSINESS, OPERATOR, ORCHESTRA, WaitPlan, plan_for
from baton.orders.rules.zeroconf import needs_operator
from baton.orders.state import OrderState

_OVERDUE = frozenset({AttentionReason.OVERDUE, AttentionReason.REFUND_OVERDUE, AttentionReason.DEPOSIT_WITHOUT_ORDER})


def plan_in_status(state: OrderState) -> WaitPlan:
    """Return the plan of a tracked order's wait, with the owner and the words that its record tells."""
    plan, record = plan_for(state.phase, state.view.status), state.view.record
    if state.held is not None:
        return replace(plan, what=held_words(state.held), who=OPERATOR)
    what, who = _owed(state, record) if record else (plan.what, plan.who)
    return replace(plan, what=what or plan.what, who=who or plan.who)


def is_overdue(state: OrderState) -> bool:
    """Whether an operator is asked to look at the wait, because it takes longer than planned."""
    return bool(_OVERDUE & state.attentions.keys())


def owner_of(state: OrderState, usual: str) -> str:
    """Return who owes a wait: its usual owner; once it is overdue an operator, unless only the business can act."""
    return OPERATOR if is_overdue(state) and usual != BUSINESS else usual


def _owed(state: OrderState, record: OrderRecord) -> tuple[str | None, str | None]:
    status = state.view.status
    # An order on hold is shown as `processing`; any later status means that the hold is over.
    if status == Status.PROCESSING and record.review_status:
        return "Orchestra to finish its review", ORCHESTRA
    if status == Status.PROCESSING and record.pay_link_id:
        return AWAITING_PAYMENT.what, AWAITING_PAYMENT.who
    if status != Status.AWAITING_APPROVAL:
        return None, None
    if needs_operator(record):
        return "Orchestra's operators to finish their review", ORCHESTRA
    return _reprice(state, record) if open_question(record) else _offer(state, record)


def _reprice(state: OrderState, record: OrderRecord) -> tuple[str, str]:
    question = open_question(record)
    asked_at = question.requested_at if question else None
    answered = any(report.requested_at == asked_at and not report.refused for report in state.reprices)
    if answered:
        return "Orchestra to act on the answer to the repricing", ORCHESTRA
    return "an answer to the repricing", BUSINESS


def _offer(state: OrderState, record: OrderRecord) -> tuple[str, str]:
    offer = read_offer(record)
    offer_id = offer.quote_id if offer else None
    ends = [report.end for report in state.approvals if report.offer_id == offer_id]
    if not ends:
        return "an answer to the ZeroConf offer", BUSINESS
    if ends[-1] is ApprovalEnd.LAPSED:
        return "the ZeroConf offer to lapse", ORCHESTRA
    return "Orchestra to act on the answer to the ZeroConf offer", ORCHESTRA
