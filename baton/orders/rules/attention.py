"""Attention: why a person must look at an order. Its reasons, what raises each and what clears it. Pure.

An order's attention is a set keyed by reason. Each reason is raised, cleared and resolved by what concerns it alone, so
that good news about one problem never hides another. The one to show where there is room for one is
`OrderState.attention`.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orders.models import Attention, ClearedAttention, Resolution, Waiting
from baton.orders.seen_deposits import DepositVerdict
from baton.orders.state import OrderState, Resolved


class AttentionReason(StrEnum):
    """Why a person must look. `REMEDIES` says what that person can do."""

    BOOKS_DIFFER = "books_differ"
    """Orchestra's books say something else about the order than Baton, also after both were asked again."""
    CANCEL_REFUSED = "cancel_refused"
    """Temporal was asked to cancel an order whose money may be under way."""
    DEPOSIT_DISAGREES = "deposit_disagrees"
    """The business reported one deposit and the chain shows another."""
    DEPOSIT_GONE = "deposit_gone"
    """A reorg or a replacement removed the deposit from its chain."""
    DEPOSIT_HELD = "deposit_held"
    """Orchestra holds a deposit to a reusable address, and waits for a decision."""
    DEPOSIT_TO_DISABLED_ADDRESS = "deposit_to_disabled_address"
    """A deposit came to a reusable address that is disabled."""
    DEPOSIT_WITHOUT_ORDER = "deposit_without_order"
    """Orchestra makes no order of a deposit to a reusable address."""
    LATE_DEPOSIT = "late_deposit"
    """Money came to an order that has ended, and Baton must not decide what becomes of it."""
    OPERATOR_HOLD = "operator_hold"
    """Orchestra's operators hold the order for a review."""
    ORDER_LOST = "order_lost"
    """Temporal no longer has the workflow that tracked the order before."""
    ORDER_TERMINATED = "order_terminated"
    """The workflow that tracked the order before was stopped while the order was open."""
    OVERDUE = "overdue"
    """A wait takes longer than planned."""
    PARTNER_ACCESS = "partner_access"
    """Orchestra refuses the account's API key."""
    READ_DISAGREES = "read_disagrees"
    """Reads and webhooks keep contradicting each other."""
    READ_REFUSED = "read_refused"
    """Orchestra refuses to show the order."""
    REFUND_OVERDUE = "refund_overdue"
    REFUND_REFUSED = "refund_refused"
    """Orchestra refused to refund a deposit that it made no order of."""
    REFUND_WITHOUT_TRANSACTION = "refund_without_transaction"
    REPRICE_REFUSED = "reprice_refused"
    """Orchestra refused the answer to a repricing, and the question is still open."""
    SECOND_DEPOSIT = "second_deposit"
    SECOND_ORDER = "second_order"
    """Orchestra made two orders where one was placed."""
    SOURCE_UNCLEAR = "source_unclear"
    """An order came of one of several pay links, and Orchestra does not say of which."""
    UNKNOWN_TOKEN_DEPOSIT = "unknown_token_deposit"  # noqa: S105 - a token of a chain
    """Money came from a contract that Baton does not know."""
    WRONG_TOKEN_DEPOSIT = "wrong_token_deposit"  # noqa: S105 - a token of a chain


REMEDIES = {
    AttentionReason.BOOKS_DIFFER: (
        "compare the order with Orchestra's, and ask its support with `baton bundle` which is right; then resolve"
    ),
    AttentionReason.CANCEL_REFUSED: "let the order end by itself; nobody can cancel money that is under way",
    AttentionReason.DEPOSIT_DISAGREES: "ask the payer which transaction paid, and report that one",
    AttentionReason.DEPOSIT_GONE: "ask the payer whether the payment was replaced, and report the new transaction",
    AttentionReason.DEPOSIT_HELD: "ask for its refund, or ask Orchestra's support",
    AttentionReason.DEPOSIT_TO_DISABLED_ADDRESS: "ask for its refund, and tell the payer",
    AttentionReason.DEPOSIT_WITHOUT_ORDER: "ask Orchestra's support, or ask for its refund",
    AttentionReason.LATE_DEPOSIT: "ask Orchestra's support to return or process the money, and resolve with a note",
    AttentionReason.OPERATOR_HOLD: "wait for Orchestra's operators, or ask its support with the order id",
    AttentionReason.ORDER_LOST: "find out what Temporal lost and compare the order with Orchestra, then resolve",
    AttentionReason.ORDER_TERMINATED: (
        "find out who stopped the workflow and why; reset it in Temporal to continue it, or settle the order by hand"
    ),
    AttentionReason.OVERDUE: "ask the party that the order waits for; Baton keeps waiting",
    AttentionReason.PARTNER_ACCESS: "check the account's API key and its permissions",
    AttentionReason.READ_DISAGREES: "ask Orchestra's support which status is right",
    AttentionReason.READ_REFUSED: "check the order at Orchestra; Baton keeps reading",
    AttentionReason.REFUND_OVERDUE: "ask Orchestra's support for the refund's transaction",
    AttentionReason.REFUND_REFUSED: "see Orchestra's refusal, then ask for the refund again or ask its support",
    AttentionReason.REFUND_WITHOUT_TRANSACTION: "ask Orchestra's support for the refund's transaction",
    AttentionReason.REPRICE_REFUSED: "answer the repricing again, or ask Orchestra's support",
    AttentionReason.SECOND_DEPOSIT: "ask Orchestra's support to return the deposit that is not submitted",
    AttentionReason.SECOND_ORDER: "ask Orchestra's support which order counts",
    AttentionReason.SOURCE_UNCLEAR: "find out in Orchestra's dashboard which link was paid, and resolve with a note",
    AttentionReason.UNKNOWN_TOKEN_DEPOSIT: "look the contract up; if it is the right asset, report the transaction",
    AttentionReason.WRONG_TOKEN_DEPOSIT: "ask Orchestra's support to return the deposit",
}
"""What a person can do about each reason."""

REPORT_AGAIN = "report the right transaction; see what Orchestra said about the refused one"
"""The remedy of a refused deposit, whose reason is Orchestra's own code."""

_REASONS = frozenset(AttentionReason)

_SETTLED_BY_A_MOVE = (
    AttentionReason.OVERDUE,
    AttentionReason.REFUND_OVERDUE,
    AttentionReason.OPERATOR_HOLD,
    AttentionReason.REPRICE_REFUSED,
    AttentionReason.DEPOSIT_GONE,
    AttentionReason.DEPOSIT_HELD,
    AttentionReason.DEPOSIT_TO_DISABLED_ADDRESS,
    AttentionReason.DEPOSIT_WITHOUT_ORDER,
    AttentionReason.REFUND_REFUSED,
)

_ABOUT_DEPOSITS = frozenset(
    {
        AttentionReason.DEPOSIT_DISAGREES,
        AttentionReason.DEPOSIT_GONE,
        AttentionReason.LATE_DEPOSIT,
        AttentionReason.SECOND_DEPOSIT,
        AttentionReason.UNKNOWN_TOKEN_DEPOSIT,
        AttentionReason.WRONG_TOKEN_DEPOSIT,
    }
)
"""Reasons that several deposits may have at once: a person must hear of each, because each is money."""

MAX_CLEARED = 50
"""How many attentions that no longer stand an order keeps."""

MAX_MESSAGE = 2_000
"""Characters of the longest message, apart from the note that there is more."""

_MORE = "; and more, see the order's deposits and its deposit addresses on their chain"

VERDICT_REASONS = {
    DepositVerdict.SECOND: AttentionReason.SECOND_DEPOSIT,
    DepositVerdict.UNKNOWN_TOKEN: AttentionReason.UNKNOWN_TOKEN_DEPOSIT,
    DepositVerdict.WRONG_TOKEN: AttentionReason.WRONG_TOKEN_DEPOSIT,
}
"""The reason for which a deposit with this verdict needs a person; the other verdicts need nobody."""


def attention_of(reason: str, message: str, now: datetime) -> Attention:
    """Return an attention with the remedy of its reason."""
    remedy = REMEDIES[AttentionReason(reason)] if reason in _REASONS else REPORT_AGAIN
    return Attention(reason=str(reason), message=message, since=now, remedy=remedy)


def raise_attention(state: OrderState, reason: str, message: str, now: datetime) -> None:
    """Ask a person to look; repeating the reason changes nothing, except that each further deposit is named."""
    known = state.attentions.get(str(reason))
    raised = repeated(known, message) if known else attention_of(reason, message, now)
    state.attentions[str(reason)] = _numbered(state, raised)


def repeated(known: Attention, message: str) -> Attention:
    """Return an open attention after its reason was raised again: one about deposits then names that deposit, too."""
    if known.reason not in _ABOUT_DEPOSITS or message in known.message or known.message.endswith(_MORE):
        return known
    longer = f"{known.message}; {message}"
    return known.model_copy(update={"message": longer if len(longer) <= MAX_MESSAGE else known.message + _MORE})


def raise_from_child(state: OrderState, attention: Attention) -> None:
    """Ask a person to look, with the attention of a child workflow, which may repeat it with a newer time."""
    state.attentions[attention.reason] = _numbered(state, attention)


def _numbered(state: OrderState, attention: Attention) -> Attention:
    """Return the attention with its number: raised again while it stands, it keeps its own."""
    standing = state.attentions.get(attention.reason)
    number = standing.number if standing else next_number(state.cleared, attention.reason)
    return attention if attention.number == number else attention.model_copy(update={"number": number})


def next_number(cleared: Iterable[ClearedAttention], reason: str) -> int:
    """Return how often a reason has been raised when it is raised again."""
    return max((each.number for each in cleared if each.reason == reason), default=0) + 1


def raise_overdue(state: OrderState, waiting: Waiting) -> None:
    """Ask a person to look at a wait that takes too long, unless the refund's own workflow has done so."""
    if AttentionReason.REFUND_OVERDUE not in state.attentions:
        since = state.status_since or state.submit_started_at or state.opened_at
        message = f"waiting for {waiting.what} since {since:%Y-%m-%d %H:%M} UTC, longer than planned"
        raise_attention(state, AttentionReason.OVERDUE, message, waiting.until)


def raise_unproven_refund(state: OrderState, now: datetime) -> None:
    """Ask a person to look at a refund that ended without a workflow of its own and names no transaction."""
    attention = refund_without_transaction(state.view.record, now) if state.view.record else None
    if attention:
        raise_attention(state, attention.reason, attention.message, now)


def clear_attention(state: OrderState, *reasons: str) -> None:
    """Clear these reasons; the others stand."""
    for reason in reasons:
        if attention := state.attentions.pop(str(reason), None):
            ended = ClearedAttention(reason=attention.reason, number=attention.number, since=attention.since)
            state.cleared = [*state.cleared, ended][-MAX_CLEARED:]


def clear_refusals(state: OrderState) -> None:
    """Clear the reasons of refused deposits, which are Orchestra's codes: another deposit is known now."""
    clear_attention(state, *[reason for reason in state.attentions if reason not in _REASONS])


def clear_after_move(state: OrderState) -> None:
    """Clear the reasons that a change of status settles."""
    clear_attention(state, *_SETTLED_BY_A_MOVE)


def resolve_attention(state: OrderState, resolution: Resolution, now: datetime) -> None:
    """Record what an operator did about an attention and clear it; a new cause may raise it again.

    The resolution names a reason, or the only one. A close by hand resolves all, and is noted where there is none.
    """
    resolved = resolved_reasons(state.attentions, resolution)
    noted: list[str | None] = [*resolved] or ([None] if resolution.close_as else [])
    state.resolutions.extend(
        Resolved(at=now, reason=reason, note=resolution.note, by=resolution.by) for reason in noted
    )
    clear_attention(state, *resolved)
    state.close_as = resolution.close_as or state.close_as


def resolved_reasons(attentions: dict[str, Attention], resolution: Resolution) -> list[str]:
    """Return the reasons that a resolution settles: the one it names, or all if it names none."""
    if resolution.reason and not resolution.close_as:
        return [resolution.reason] if resolution.reason in attentions else []
    return list(attentions)


def was_raised(state: OrderState, reason: str) -> bool:
    """Whether this reason stands, or a person resolved it before."""
    return reason in state.attentions or any(resolved.reason == reason for resolved in state.resolutions)


def refund_overdue(since: datetime, now: datetime) -> Attention:
    """Return the attention of a refund that takes too long."""
    message = f"the refund is under way since {since:%Y-%m-%d %H:%M} UTC, longer than planned"
    return attention_of(AttentionReason.REFUND_OVERDUE, message, now)


def refund_without_transaction(record: OrderRecord, now: datetime) -> Attention | None:
    """Return the attention of a refund without a transaction, which nobody can verify; None if it has one."""
    if record.status != Status.REFUNDED or record.refund_tx_hash:
        return None
    message = "the order is refunded, and Orchestra names no transaction"
    return attention_of(AttentionReason.REFUND_WITHOUT_TRANSACTION, message, now)
