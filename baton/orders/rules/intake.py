"""Taking in what was told: observations, deposit reports and the failures of our own reads. Pure.

Money rules (design decision 5): one deposit a quote is submitted; a second, different one is a matter for a person.
"""

from datetime import datetime
from typing import NamedTuple

from baton.orchestra.lifecycle import Status
from baton.orders.messages import Refusal
from baton.orders.models import Attention, Phase, Resolution
from baton.orders.observation import (
    BELIEVED,
    Anomaly,
    AnomalyKind,
    Observation,
    OrderView,
    merge,
    succeeds,
)
from baton.orders.reports import ApprovalEnd, ApprovalReport, RepriceReport
from baton.orders.rules.attention import clear_attention, raise_attention
from baton.orders.rules.deposits import DEPOSIT_GONE
from baton.orders.rules.refund import REFUND_OVERDUE
from baton.orders.rules.zeroconf import OPERATOR_HOLD, needs_operator
from baton.orders.seen_deposits import DepositNotice
from baton.orders.state import DepositReport, OrderState, Resolved

TOO_LATE = ApprovalEnd.TOO_LATE
CANCEL_REFUSED = "cancel_refused"
OVERDUE = "overdue"
PARTNER_ACCESS = "partner_access"
REPRICE_REFUSED = "reprice_refused"
SECOND_DEPOSIT = "second_deposit"
SECOND_ORDER = "second_order"
MAX_UNREADABLE = 100
"""How many unreadable observations are kept for people to look at."""


class InboxBatch(NamedTuple):
    """Everything that was in the inbox, in order of arrival."""

    observations: list[Observation]
    anomalies: list[Anomaly]
    refusals: list[Refusal]
    reports: list[DepositReport]
    attentions: list[Attention]
    approvals: list[ApprovalReport]
    reprices: list[RepriceReport]
    resolutions: list[Resolution]
    notices: list[DepositNotice]
    reads_done: int


class Intake(NamedTuple):
    """What taking in has changed.

    Attributes:
        worth_telling: Something happened that the read model and the UI should show now.
        doubt: A webhook was not believed; one status read should settle it.
    """

    worth_telling: bool = False
    doubt: bool = False


def absorb(state: OrderState, taken: InboxBatch, now: datetime) -> Intake:
    """Take everything into the state."""
    before = len(state.view.anomalies), state.attention, state.deposit
    observed = [_observe(state, seen, now) for seen in taken.observations]
    _note_unreadable(state, taken)
    for report in taken.reports:
        take_report(state, report, now)
    for refusal in taken.refusals:
        _note_refused_read(state, refusal, now)
    for attention in taken.attentions:
        state.attention = attention
    state.approvals.extend(taken.approvals)
    for answer in taken.reprices:
        _note_reprice(state, answer, now)
    _note_hold(state, now)
    for resolution in taken.resolutions:
        _resolve(state, resolution, now)
    if taken.reads_done:
        state.heard_at = now
    after = len(state.view.anomalies), state.attention, state.deposit
    decided = bool(taken.approvals or taken.reprices or taken.resolutions)
    too_late = any(one.end is TOO_LATE for one in taken.approvals) or any(one.too_late for one in taken.reprices)
    return Intake(
        worth_telling=before != after or decided or any(one.worth_telling for one in observed),
        doubt=too_late or any(one.doubt for one in observed),
    )


def _observe(state: OrderState, seen: Observation, now: datetime) -> Intake:
    if seen.record.id in state.superseded:
        return Intake()
    if succeeds(state.view, seen):
        _follow_successor(state)
    before = state.view
    merged = merge(state.view, seen)
    retold = len(merged.view.transitions) != len(state.view.transitions)
    state.view = merged.view
    state.heard_at = now
    if merged.moved:
        state.status_since, state.reminders = now, 0
        state.webhooks_flow = seen.source not in BELIEVED
        clear_attention(state, OVERDUE)
        clear_attention(state, REFUND_OVERDUE)
        clear_attention(state, OPERATOR_HOLD)
        clear_attention(state, REPRICE_REFUSED)
        clear_attention(state, DEPOSIT_GONE)
    clear_attention(state, PARTNER_ACCESS)
    if merged.changed and seen.record.id != state.view.order_id:
        raise_attention(state, SECOND_ORDER, f"Orchestra made a second order for this one: {seen.record.id}", now)
    return Intake(worth_telling=retold, doubt=merged.doubt or _newly_superseded(before, merged.view))


def _follow_successor(state: OrderState) -> None:
    """Go on with the order that took this one's place; its story is a new one."""
    assert state.view.record is not None
    state.superseded.append(state.view.record.id)
    state.view = OrderView(anomalies=state.view.anomalies)


def _newly_superseded(before: OrderView, after: OrderView) -> bool:
    known = before.record.superseded_by_operation_id if before.record else None
    return after.record is not None and after.record.superseded_by_operation_id not in (None, known)


def _note_reprice(state: OrderState, report: RepriceReport, now: datetime) -> None:
    """Note the answer to a repricing; one that Orchestra does not take leaves the question open."""
    state.reprices.append(report)
    if report.refused and not report.too_late:
        raise_attention(state, REPRICE_REFUSED, f"the answer to the repricing was refused, {report.refused}", now)


def _note_hold(state: OrderState, now: datetime) -> None:
    """An approval without an offer is an operator's hold at Orchestra: never ours to accept."""
    if state.view.record and state.view.status == Status.AWAITING_APPROVAL and needs_operator(state.view.record):
        raise_attention(state, OPERATOR_HOLD, "Orchestra holds the order for review by its operators", now)


def _resolve(state: OrderState, resolution: Resolution, now: datetime) -> None:
    """An operator has dealt with the attention; what it was about starts to count anew."""
    reason = state.attention.reason if state.attention else None
    state.resolutions.append(Resolved(at=now, reason=reason, note=resolution.note))
    state.attention, state.close_as = None, resolution.close_as


def _note_unreadable(state: OrderState, taken: InboxBatch) -> None:
    """Keep what could not be read, the first ones of it: the state travels and must not grow without bound."""
    held = state.view.anomalies
    room = MAX_UNREADABLE - sum(1 for one in held if one.kind is AnomalyKind.UNREADABLE)
    if taken.anomalies and room > 0:
        anomalies = [*held, *taken.anomalies[:room]]
        state.view = state.view.model_copy(update={"anomalies": anomalies})


def take_report(state: OrderState, report: DepositReport, now: datetime) -> None:
    """Take a deposit report: the first one counts, the same one again is nothing new, another one needs a person."""
    held = state.deposit
    if held is None:
        quote_id = report.quote_id or (state.quote.quote_id if state.quote else None)
        state.deposit = report.model_copy(update={"quote_id": quote_id})
        if state.phase is Phase.AWAITING_DEPOSIT and state.refused_deposits:
            state.attention = None
    elif held.proof.key != report.proof.key:
        message = f"a second deposit is reported ({report.proof.key}); only the first ({held.proof.key}) is submitted"
        raise_attention(state, SECOND_DEPOSIT, message, now)


def _note_refused_read(state: OrderState, refusal: Refusal, now: datetime) -> None:
    if refusal.unauthorized:
        raise_attention(state, PARTNER_ACCESS, f"Orchestra refuses our reads, {refusal.code}: {refusal.message}", now)
    else:
        raise_attention(state, refusal.code, f"reading the order failed: {refusal.message}", now)
