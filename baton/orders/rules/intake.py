"""How a batch changes an order's state: observations, failed reads, attention, resolutions. Pure.

Reports and notices of deposits are applied by `rules.deposits`.
"""

from datetime import datetime
from typing import NamedTuple

from baton.holds.models import CallHeld, HeldCalls
from baton.orchestra.lifecycle import Status
from baton.orders.address_deposit import HeldDeposit
from baton.orders.messages import Refusal
from baton.orders.models import Attention, CloseByHand, Phase, Resolution
from baton.orders.observation import (
    READS,
    Anomaly,
    AnomalyKind,
    Observation,
    OrderView,
    Source,
)
from baton.orders.reports import ApprovalEnd, ApprovalReport, RepriceReport
from baton.orders.rules.anomalies import with_anomalies
from baton.orders.rules.attention import (
    AttentionReason,
    clear_after_move,
    clear_attention,
    raise_attention,
    raise_from_child,
    resolve_attention,
)
from baton.orders.rules.holds import end_hold, note_held, note_releases
from baton.orders.rules.present import Merged, merge, succeeds
from baton.orders.rules.zeroconf import needs_operator
from baton.orders.seen_deposits import DepositNotice
from baton.orders.state import Act, DepositReport, OrderState

MAX_REPORTS = 50
"""How many reports of each kind an order keeps, the newest; Orchestra may ask any number of questions."""

MAX_DISAGREEMENTS = 3
"""How many reads in a row may disagree with the present before a person is asked to look."""


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
    held: tuple[HeldDeposit, ...] = ()
    acts: tuple[Act, ...] = ()
    closings: tuple[CloseByHand, ...] = ()
    held_calls: tuple[CallHeld, ...] = ()
    releases: tuple[str, ...] = ()


class Applied(NamedTuple):
    """The effect of a batch or an observation.

    Attributes:
        worth_publishing: Something changed that the read model and the Temporal UI should show now.
        doubt: A webhook was not believed; one status read should settle it.
        unsettled: An observation could not be ordered against the present; one status read should settle it.
    """

    worth_publishing: bool = False
    doubt: bool = False
    unsettled: bool = False


def apply_batch(state: OrderState, batch: InboxBatch, now: datetime) -> Applied:
    """Apply everything but reports and notices of deposits."""
    before = len(state.view.anomalies), dict(state.attentions), state.held
    arrivals = (state.newest_arrival, *(observation.received_at for observation in batch.observations))
    state.newest_arrival = max((at for at in arrivals if at), default=None)
    now = state.present(now)
    observed = [_observe(state, observation, now) for observation in batch.observations]
    state.view = with_anomalies(state.view, batch.anomalies)
    _note_reads(state, batch, now)
    for attention in batch.attentions:
        raise_from_child(state, attention)
    _note_answers(state, batch, now)
    _note_review(state, now)
    _note_holds(state, batch, now)
    for resolution in batch.resolutions:
        resolve_attention(state, resolution, now)
    if batch.reads_done:
        state.heard_at = now
    state.acts = [*state.acts, *batch.acts][-MAX_REPORTS:]
    changed = before != (len(state.view.anomalies), dict(state.attentions), state.held)
    answered = bool(batch.approvals or batch.reprices or batch.resolutions)
    return Applied(
        worth_publishing=changed or answered or any(effect.worth_publishing for effect in observed),
        doubt=_answer_was_late(batch) or any(effect.doubt for effect in observed),
        unsettled=any(effect.unsettled for effect in observed),
    )


def _observe(state: OrderState, observation: Observation, now: datetime) -> Applied:
    if observation.record.id in state.superseded:
        return Applied()
    if _is_of_another_quote(state, observation):
        message = f"{observation.record.id} is reported for this order, under quote {observation.record.quote_id}"
        state.view = with_anomalies(state.view, [Anomaly(kind=AnomalyKind.OTHER_ORDER, message=message)])
        return Applied()
    if succeeds(state.view, observation):
        _track_successor(state)
    before = state.view
    merged = merge(before, observation, fresh=observation.basis == state.observed)
    state.view = merged.view
    state.observed += merged.changed and not merged.doubt
    state.heard_at = now
    _count_disagreements(state, observation, merged, now)
    if merged.moved:
        state.status_since, state.reminders = now, 0
        state.webhooks_flow = observation.source not in READS
        clear_after_move(state)
        end_hold(state, HeldCalls.APPROVALS)
    if merged.changed and observation.record.id != state.view.order_id:
        message = f"Orchestra made a second order for this one: {observation.record.id}"
        raise_attention(state, AttentionReason.SECOND_ORDER, message, now)
    return Applied(
        worth_publishing=merged.moved or merged.view.transition_count != before.transition_count,
        doubt=merged.doubt or _newly_superseded(before, merged.view),
        unsettled=merged.unsettled,
    )


def _is_of_another_quote(state: OrderState, observation: Observation) -> bool:
    """Whether a webhook is about an order of the past: the index still names this reference, which was used again."""
    quote_id = observation.record.quote_id
    is_known = state.view.order_id is not None or quote_id is None or state.quote_of(quote_id) is not None
    return bool(state.quotes) and observation.source == Source.WEBHOOK and not is_known


def _count_disagreements(state: OrderState, observation: Observation, merged: Merged, now: datetime) -> None:
    """Raise attention when reads keep contradicting webhooks: one more read should have settled it."""
    if observation.source not in READS:
        return
    state.disagreements = state.disagreements + 1 if merged.disagrees else 0
    if not merged.disagrees:
        clear_attention(state, AttentionReason.READ_DISAGREES)
    elif state.disagreements >= MAX_DISAGREEMENTS:
        message = f"{state.disagreements} reads in a row say {observation.status}, webhooks say {state.view.status}"
        raise_attention(state, AttentionReason.READ_DISAGREES, message, now)


def _track_successor(state: OrderState) -> None:
    """Track the order that replaced this one; its timeline starts empty."""
    assert state.view.record is not None
    state.superseded = [*state.superseded, state.view.record.id][-MAX_REPORTS:]
    state.view = state.view.of_next_order()


def _newly_superseded(before: OrderView, after: OrderView) -> bool:
    known = before.record.superseded_by_operation_id if before.record else None
    return after.record is not None and after.record.superseded_by_operation_id not in (None, known)


def _note_answers(state: OrderState, batch: InboxBatch, now: datetime) -> None:
    """Note the answers to offers and repricings; a refused answer to a repricing leaves the question open."""
    state.approvals = [*state.approvals, *batch.approvals][-MAX_REPORTS:]
    for report in batch.reprices:
        state.reprice_count = max(state.reprice_count, len(state.reprices)) + 1
        state.reprices = [*state.reprices, report][-MAX_REPORTS:]
        if report.refused and not report.too_late:
            message = f"the answer to the repricing was refused, {report.refused}"
            raise_attention(state, AttentionReason.REPRICE_REFUSED, message, now)


def _answer_was_late(batch: InboxBatch) -> bool:
    """Whether an answer came after its question was closed, so that a read must show what happened."""
    late_offer = any(report.end is ApprovalEnd.TOO_LATE for report in batch.approvals)
    return late_offer or any(report.too_late for report in batch.reprices)


def _note_holds(state: OrderState, batch: InboxBatch, now: datetime) -> None:
    """Note what an operator's holds stop, and what is stopped no longer."""
    for held in batch.held_calls:
        note_held(state, held, now)
    note_releases(state, batch.releases)
    if batch.approvals or batch.reprices:
        end_hold(state, HeldCalls.APPROVALS)


def _note_review(state: OrderState, now: datetime) -> None:
    """Raise attention for an approval without an offer: only Orchestra's operators can give it, never Baton."""
    record = state.view.record
    if record and state.view.status == Status.AWAITING_APPROVAL and needs_operator(record):
        message = "Orchestra holds the order for review by its operators"
        raise_attention(state, AttentionReason.OPERATOR_HOLD, message, now)


def _note_reads(state: OrderState, batch: InboxBatch, now: datetime) -> None:
    """Raise attention for refused reads; a read that was answered later clears it."""
    state.refused_reads += len(batch.refusals)
    if batch.reads_done > len(batch.refusals):
        state.refused_reads = 0
        clear_attention(state, AttentionReason.READ_REFUSED)
        if state.phase is not Phase.SUBMITTING:  # there, the refused call may be the submit
            clear_attention(state, AttentionReason.PARTNER_ACCESS)
    for refusal in batch.refusals:
        reason = AttentionReason.PARTNER_ACCESS if refusal.unauthorized else AttentionReason.READ_REFUSED
        raise_attention(state, reason, f"Orchestra refuses Baton's reads, {refusal.code}: {refusal.message}", now)
