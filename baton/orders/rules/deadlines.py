"""The next deadline of an order: what it waits for, from whom, until when, and what happens then. Pure.

Every state but the closed one has exactly one deadline, so no order waits without an end and somebody who owes it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from baton.orchestra.lifecycle import Status, is_soft_end
from baton.orders.address_deposit import AddressDeposit
from baton.orders.models import OnQuoteExpiry, OrderPolicy, Outcome, Phase, Waiting
from baton.orders.place_order import ONRAMP, PlaceOrder
from baton.orders.rules.address_deposits import can_be_indexed, may_refund_by_policy
from baton.orders.rules.deposits import awaits_confirmation
from baton.orders.rules.holds import held_waiting
from baton.orders.rules.owners import is_overdue, owner_of, plan_in_status
from baton.orders.rules.refund import refund_patience
from baton.orders.rules.wait_plans import (
    AWAITING_ORDER,
    BATON,
    BUSINESS,
    CHAIN,
    GONE_PATIENCE,
    ORCHESTRA,
    PAYER,
    QUOTE_PATIENCE,
    REMINDER,
    SUBMITTING,
    UNCONFIRMED_PATIENCE,
    WaitPlan,
    awaits_payment,
    plan_for,
)
from baton.orders.seen_deposits import SeenDeposit
from baton.orders.state import OrderState, TakenQuote

REFUND_MARGIN = timedelta(minutes=5)
"""The refund workflow raises attention first; the order does so this much later, in case that workflow is gone."""

INVOICE_MARGIN = timedelta(seconds=60)
"""A Lightning payment sent at the last moment may take this long to appear."""


class DeadlineAction(StrEnum):
    """What happens when a deadline passes."""

    REQUOTE = "requote"
    EXPIRE = "expire"
    CLOSE_UNFULFILLED = "close_unfulfilled"
    RAISE_ATTENTION = "raise_attention"
    READ = "read"
    INDEX_ADDRESS = "index_address"
    """Have Orchestra look for the deposit again."""
    REFUND_DEPOSIT = "refund_deposit"
    """Have Orchestra refund the deposit, as the policy says."""
    SUBMIT_AGAIN = "submit_again"
    """Try whether the hold that stopped the submit still stands."""


class Deadline(NamedTuple):
    """A deadline and the wait that it ends. Without an action, the awaited call has a timeout of its own."""

    action: DeadlineAction | None
    waiting: Waiting

    @property
    def at(self) -> datetime:
        """When the deadline passes."""
        return self.waiting.until


_LAST_CHECK = "an answer to the last check before the order closes"
_BACK = "the deposit to come back on its chain"
_INDEXED = "Baton asks Orchestra to look for the deposit again"
_REFUNDED = "Baton has the deposit refunded, as the policy says"
_EXPIRES = "Baton checks for a deposit one last time; without one the order closes as expired"


def next_deadline(state: OrderState, policy: OrderPolicy) -> Deadline | None:
    """Return the deadline of the order's current wait; None for a closed order."""
    match state.phase:
        case Phase.CLOSED:
            return None
        case Phase.QUOTING:
            return _quoting(state)
        case Phase.AWAITING_DEPOSIT:
            return _awaiting_deposit(state, policy)
        case Phase.SUBMITTING:
            if state.held is not None:
                return Deadline(DeadlineAction.SUBMIT_AGAIN, held_waiting(state.held))
            since = state.submit_started_at or state.opened_at
            return _with_patience(state, SUBMITTING, since, "Orchestra to accept the deposit's proof")
        case Phase.TRACKING:
            return _tracking(state)


def _quoting(state: OrderState) -> Deadline:
    waiting = Waiting(
        what="a quote",
        who=BATON,
        until=state.opened_at + QUOTE_PATIENCE,
        then="the order closes without a quote",
    )
    return Deadline(None, waiting)


def _awaiting_deposit(state: OrderState, policy: OrderPolicy) -> Deadline:
    plan = plan_for(state.phase, None)
    if state.refused_deposits:
        until = (state.submit_started_at or state.opened_at) + plan.patience + state.reminders * REMINDER
        then = "an operator is reminded; money may be under way, so the order stays open"
        return Deadline(
            DeadlineAction.RAISE_ATTENTION,
            Waiting(what="a correct deposit report", who=BUSINESS, until=until, then=then),
        )
    if seen := awaits_confirmation(state):
        return _unconfirmed(state, seen)
    action, at, then = _expiry(state, policy)
    return Deadline(action, _until_last_check(state, plan, at, then))


def _unconfirmed(state: OrderState, seen: SeenDeposit) -> Deadline:
    """Return the deadline for an unconfirmed deposit; it may be later than the quote's expiry, as money is coming."""
    until = seen.first_seen_at + UNCONFIRMED_PATIENCE + state.reminders * REMINDER
    what = f"the deposit {seen.deposit.tx_id} to be {seen.submit_at} on {seen.deposit.chain}"
    then = f"an operator is asked to look; the deposit is submitted as soon as it is {seen.submit_at}"
    return Deadline(
        DeadlineAction.RAISE_ATTENTION, Waiting(what=what, who=owner_of(state, CHAIN), until=until, then=then)
    )


def _expiry(state: OrderState, policy: OrderPolicy) -> tuple[DeadlineAction, datetime, str]:
    window_ends = state.opened_at + policy.deposit_window
    newest = state.quotes[-1]
    if may_requote(state, policy) and newest.quote.expires_at < window_ends:
        return (
            DeadlineAction.REQUOTE,
            newest.quote.expires_at,
            "Baton requests a new quote; deposits to the old address still count",
        )
    return DeadlineAction.EXPIRE, min(window_ends, _last_moment(newest, policy) or window_ends), _EXPIRES


def may_requote(state: OrderState, policy: OrderPolicy) -> bool:
    """Whether a new quote replaces the newest one when it expires."""
    requotes = policy.on_quote_expiry is OnQuoteExpiry.REQUOTE
    return requotes and len(state.quotes) <= policy.max_requotes and not state.quotes[-1].expiry_handled


def may_reorder(order: PlaceOrder, state: OrderState) -> bool:
    """Whether a new onramp order replaces one whose invoice expired unpaid."""
    requotes = order.policy.on_quote_expiry is OnQuoteExpiry.REQUOTE
    expired = order.kind == ONRAMP and state.view.status == Outcome.EXPIRED
    return expired and requotes and len(state.quotes) <= order.policy.max_requotes


def _last_moment(newest: TakenQuote, policy: OrderPolicy) -> datetime | None:
    """Return when a quote's address stops taking deposits; None where Orchestra reprices late ones."""
    if newest.quote.lightning_receive_request_id:
        return newest.quote.expires_at + INVOICE_MARGIN
    return newest.quote.expires_at if policy.on_quote_expiry is OnQuoteExpiry.EXPIRE else None


def _without_order(state: OrderState, deposit: AddressDeposit) -> Deadline:
    """Return the deadline of an order that waits for Orchestra to make one of its deposit."""
    if deposit.is_gone and deposit.refund is None:
        until, then = (deposit.gone_since or state.opened_at) + GONE_PATIENCE, "the order closes as expired"
        waiting = _until_last_check(state, replace(AWAITING_ORDER, what=_BACK, who=CHAIN), until, then)
        return Deadline(DeadlineAction.EXPIRE, waiting)
    if deposit.refund is not None:
        plan = replace(AWAITING_ORDER, what="the refund of the deposit", patience=refund_patience(deposit.chain))
        return _with_patience(state, plan, deposit.refund.at, plan.what)
    since = deposit.indexed_at or state.opened_at
    if can_be_indexed(deposit):
        waiting = Waiting(what=AWAITING_ORDER.what, who=ORCHESTRA, until=since + AWAITING_ORDER.patience, then=_INDEXED)
        return Deadline(DeadlineAction.INDEX_ADDRESS, waiting)
    if may_refund_by_policy(deposit) and deposit.refusal is None:
        until = since + AWAITING_ORDER.patience
        waiting = Waiting(what=AWAITING_ORDER.what, who=ORCHESTRA, until=until, then=_REFUNDED)
        return Deadline(DeadlineAction.REFUND_DEPOSIT, waiting)
    return _with_patience(state, AWAITING_ORDER, since, AWAITING_ORDER.what)


def _tracking(state: OrderState) -> Deadline:
    if state.address_deposit is not None and state.view.order_id is None:
        return _without_order(state, state.address_deposit)
    plan = plan_in_status(state)
    since = state.status_since or state.opened_at
    if is_soft_end(state.view.status):
        waiting = _until_last_check(state, plan, since + plan.patience, plan.then)
        return Deadline(DeadlineAction.CLOSE_UNFULFILLED, waiting)
    if awaits_payment(state):
        return _unpaid(state)
    if state.view.status == Status.REFUNDING and state.view.record:
        chain = state.view.record.source_chain or ""
        plan = replace(plan, patience=refund_patience(chain) + REFUND_MARGIN)
    return _with_patience(state, plan, since, plan.what)


def _until_last_check(state: OrderState, plan: WaitPlan, until: datetime, then: str) -> Waiting:
    """Return the wait of an order that closes after a last check; while that has no answer, Orchestra owes it."""
    if state.final_checks:
        return Waiting(what=_LAST_CHECK, who=ORCHESTRA, until=until, then=then)
    return Waiting(what=plan.what, who=plan.who, until=until, then=then)


def _unpaid(state: OrderState) -> Deadline:
    until = state.quotes[-1].quote.expires_at + INVOICE_MARGIN
    then = "Baton checks the order once more; if it is still unpaid, it ends with Orchestra's status"
    return Deadline(DeadlineAction.READ, Waiting(what="the payment of the invoice", who=PAYER, until=until, then=then))


def _with_patience(state: OrderState, plan: WaitPlan, since: datetime, what: str) -> Deadline:
    until = since + plan.patience + state.reminders * REMINDER
    then = "an operator is reminded and Baton keeps polling" if is_overdue(state) else plan.then
    waiting = Waiting(what=what, who=owner_of(state, plan.who), until=until, then=then)
    return Deadline(DeadlineAction.RAISE_ATTENTION, waiting)
