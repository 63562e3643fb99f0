"""Attention: why a person must look at an order. Its reasons, what raises it and what clears it. Pure.

An order has one attention at a time, and a new reason replaces the previous one. Whatever clears an attention names the
reasons that it settles, so that good news about one problem never hides another.
"""

from datetime import datetime
from enum import StrEnum

from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orders.models import Attention, Resolution, Waiting
from baton.orders.seen_deposits import NEEDS_A_PERSON, DepositVerdict
from baton.orders.state import OrderState, Resolved


class AttentionReason(StrEnum):
    """Baton's own reasons. The code of a call that Orchestra refused can be a reason, too."""

    CANCEL_REFUSED = "cancel_refused"
    """Temporal was asked to cancel an order whose money may be under way."""
    DEPOSIT_DISAGREES = "deposit_disagrees"
    """The business reported one deposit and the chain shows another."""
    DEPOSIT_GONE = "deposit_gone"
    """A reorg or a replacement removed the deposit from its chain."""
    OPERATOR_HOLD = "operator_hold"
    """Orchestra's operators hold the order for a review."""
    OVERDUE = "overdue"
    """A wait takes longer than planned."""
    PARTNER_ACCESS = "partner_access"
    """Orchestra refuses the account's API key."""
    READ_DISAGREES = "read_disagrees"
    """Reads and webhooks keep contradicting each other."""
    REFUND_OVERDUE = "refund_overdue"
    REFUND_WITHOUT_TRANSACTION = "refund_without_transaction"
    REPRICE_REFUSED = "reprice_refused"
    """Orchestra refused the answer to a repricing, and the question is still open."""
    SECOND_DEPOSIT = "second_deposit"
    SECOND_ORDER = "second_order"
    """Orchestra made two orders where one was placed."""
    WRONG_TOKEN_DEPOSIT = "wrong_token_deposit"  # noqa: S105 - a token of a chain


_SETTLED_BY_A_MOVE = (
    AttentionReason.OVERDUE,
    AttentionReason.REFUND_OVERDUE,
    AttentionReason.OPERATOR_HOLD,
    AttentionReason.REPRICE_REFUSED,
    AttentionReason.DEPOSIT_GONE,
)


def reason_of(verdict: DepositVerdict) -> AttentionReason:
    """Return the reason for which a deposit with this verdict needs a person."""
    return AttentionReason(f"{verdict}_deposit")


_ABOUT_A_DEPOSIT = frozenset(reason_of(verdict) for verdict in NEEDS_A_PERSON)


def raise_attention(state: OrderState, reason: str, message: str, now: datetime) -> None:
    """Ask a person to look; repeating the reason changes neither the message nor the time."""
    if state.attention is None or state.attention.reason != reason:
        state.attention = Attention(reason=str(reason), message=message, since=now)


def raise_from_child(state: OrderState, attention: Attention) -> None:
    """Ask a person to look, with the attention of a child workflow, which may repeat it with a newer time."""
    state.attention = attention


def raise_overdue(state: OrderState, waiting: Waiting) -> None:
    """Ask a person to look at a wait that takes too long, unless the order already has an attention."""
    if state.attention is None:
        since = state.status_since or state.submit_started_at or state.opened_at
        message = f"waiting for {waiting.what} since {since:%Y-%m-%d %H:%M} UTC, longer than planned"
        raise_attention(state, AttentionReason.OVERDUE, message, waiting.until)


def raise_unproven_refund(state: OrderState, now: datetime) -> None:
    """Ask a person to look at a refund that ended without a workflow of its own and names no transaction."""
    attention = refund_without_transaction(state.view.record, now) if state.view.record else None
    if attention:
        raise_attention(state, attention.reason, attention.message, now)


def clear_attention(state: OrderState, *reasons: str) -> None:
    """Clear the attention if it has one of these reasons."""
    if state.attention is not None and state.attention.reason in reasons:
        state.attention = None


def clear_after_move(state: OrderState) -> None:
    """Clear the attention if a change of status settles its reason."""
    clear_attention(state, *_SETTLED_BY_A_MOVE)


def clear_for_report(state: OrderState) -> None:
    """Clear the attention when a new report follows a refused deposit: that report was asked for."""
    state.attention = None


def clear_for_seen_deposit(state: OrderState) -> None:
    """Clear the attention when the chain shows a deposit to submit after a refused one, unless a deposit raised it."""
    if state.attention and state.attention.reason not in _ABOUT_A_DEPOSIT:
        state.attention = None


def resolve_attention(state: OrderState, resolution: Resolution, now: datetime) -> None:
    """Record what an operator did about the attention and clear it; the same cause may raise it again."""
    reason = state.attention.reason if state.attention else None
    state.resolutions.append(Resolved(at=now, reason=reason, note=resolution.note))
    state.attention, state.close_as = None, resolution.close_as


def is_known(state: OrderState, reason: str) -> bool:
    """Whether the order has an attention, for any reason, or a person resolved this reason before."""
    return state.attention is not None or any(resolved.reason == reason for resolved in state.resolutions)


def refund_overdue(since: datetime, now: datetime) -> Attention:
    """Return the attention of a refund that takes too long."""
    message = f"the refund is under way since {since:%Y-%m-%d %H:%M} UTC, longer than planned"
    return Attention(reason=str(AttentionReason.REFUND_OVERDUE), message=message, since=now)


def refund_without_transaction(record: OrderRecord, now: datetime) -> Attention | None:
    """Return the attention of a refund without a transaction, which nobody can verify; None if it has one."""
    if record.status != Status.REFUNDED or record.refund_tx_hash:
        return None
    message = "the order is refunded, and Orchestra names no transaction"
    return Attention(reason=str(AttentionReason.REFUND_WITHOUT_TRANSACTION), message=message, since=now)
