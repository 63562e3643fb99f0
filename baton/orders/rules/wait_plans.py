"""How long each wait may take, as data: when silence starts a poll, how polls repeat, who owes the next step.

The figures are Baton's own, within the bounds of the partner API reference (timings; rate limits: 120 look-ups a minute
per IP address). A changed figure changes timers only, so stored histories still replay.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from zlib import crc32

from baton.orchestra.lifecycle import Status, known
from baton.orchestra.models import OrderRecord
from baton.orders.known_deposits import KnownDeposit
from baton.orders.messages import Cadence, Resubmit
from baton.orders.models import Phase
from baton.orders.state import OrderState

ORCHESTRA = "orchestra"
PAYER = "payer"
BUSINESS = "business"
OPERATOR = "operator"
BATON = "baton"
CHAIN = "chain"

_PARTIES = {
    ORCHESTRA: "Orchestra",
    PAYER: "the payer",
    BUSINESS: "the business",
    OPERATOR: "an operator",
    BATON: "Baton",
    CHAIN: "the chain",
}


def party(who: str) -> str:
    """Return who owes a wait, in words."""
    return _PARTIES.get(who, who)


def _cadence(first: float, longest: float, factor: float = 1.5) -> Cadence:
    return Cadence(first=timedelta(seconds=first), longest=timedelta(seconds=longest), factor=factor)


@dataclass(frozen=True)
class WaitPlan:
    """The plan of one wait.

    Attributes:
        what: What the order waits for, in words.
        who: Who owes it.
        silence: Time without news after which Baton polls, while webhooks arrive.
        spread: How much longer the silence of an order lasts at most, as a part of it. Each order has a share of its
            own, so that orders which were placed together do not all read at the same moment.
        patience: Time in this status after which an operator is asked to look.
        then: What happens when the patience ends.
        urgency: Priority of the polls, 1 (most urgent) to 5.
        cadence: The pauses between polls.
    """

    what: str
    who: str
    silence: timedelta
    patience: timedelta
    then: str = "an operator is asked to look and Baton keeps polling"
    urgency: int = 3
    cadence: Cadence = field(default_factory=lambda: _cadence(15, 120))
    spread: float = 0.5


def _tracking(what: str, *, minutes: float, who: str = ORCHESTRA, urgency: int = 3) -> WaitPlan:
    return WaitPlan(
        what=what, who=who, silence=timedelta(seconds=60), patience=timedelta(minutes=minutes), urgency=urgency
    )


AWAITING_DEPOSIT = WaitPlan(
    what="a deposit",
    who=PAYER,
    silence=timedelta(seconds=45),
    patience=timedelta(hours=24),
    urgency=4,
    cadence=_cadence(30, 300),
    spread=1,
)
AWAITING_ORDER = WaitPlan(
    what="Orchestra to make an order of the deposit",
    who=ORCHESTRA,
    silence=timedelta(seconds=60),
    patience=timedelta(minutes=10),
    cadence=_cadence(15, 600),
)
"""The wait of an order whose deposit to a reusable address Orchestra has not reported yet."""

GONE_PATIENCE = timedelta(hours=24)
"""How long a deposit that disappeared from its chain may take to come back, before its order closes."""

AWAITING_PAYMENT = WaitPlan(
    what="the payment of the invoice",
    who=PAYER,
    silence=timedelta(seconds=60),
    patience=timedelta(hours=24),
    urgency=4,
    cadence=_cadence(30, 300),
)
SUBMITTING = WaitPlan(
    what="Orchestra to accept the deposit's proof",
    who=ORCHESTRA,
    silence=timedelta(seconds=60),
    patience=timedelta(minutes=10),
    urgency=2,
)
UNKNOWN_STATUS = _tracking("Orchestra, in a status this version does not know", minutes=60)

LONGEST_QUOTE = timedelta(days=31)
"""How long an address is watched at most: no order waits longer for its deposit."""

LATE_MONEY_WINDOW = timedelta(hours=6)
"""How long a late deposit can resume an unfulfilled order (partner API reference, timings)."""

TRACKING: dict[Status, WaitPlan] = {
    Status.PROCESSING: _tracking("Orchestra to start processing", minutes=60, urgency=2),
    Status.CONFIRMING: _tracking("the deposit to be confirmed on its chain", minutes=6 * 60, who=CHAIN, urgency=4),
    Status.BRIDGING: _tracking("the bridge between the chains", minutes=120),
    Status.SWAPPING: _tracking("the swap", minutes=60, urgency=2),
    Status.AWAITING_APPROVAL: _tracking("an approval", minutes=30, who=BUSINESS, urgency=1),
    Status.REFUNDING: _tracking("the refund", minutes=24 * 60),
    Status.DELIVERING: _tracking("the delivery to the recipient", minutes=6 * 60, urgency=2),
    Status.UNFULFILLED: WaitPlan(
        what="a late deposit",
        who=PAYER,
        silence=timedelta(seconds=60),
        patience=LATE_MONEY_WINDOW,
        then="the order closes as unfulfilled",
        urgency=5,
        cadence=_cadence(60, 600),
        spread=1,
    ),
}

RESUBMITS = _cadence(2, 15 * 60, factor=2)
"""Pauses between the submits of a deposit that Orchestra refuses temporarily: 106 submits in the first day."""

TURN = 4
"""How many submits in a row a deposit gets while another one that may pay waits."""

ACCESS_REFUSED = _cadence(2, 60 * 60, factor=4)
"""Pauses between the calls of an order while Orchestra refuses the account's key: 29 calls in the first day."""

HOLD_LOOKS = _cadence(60, 15 * 60, factor=2)
"""Pauses before an order that a hold stops tries again by itself, in case nobody told it of the release."""

REQUOTE_PAUSE = timedelta(seconds=4)
"""Pause before a quote is requested again that Orchestra refused temporarily."""

UNCONFIRMED_PATIENCE = timedelta(hours=6)
"""How long a deposit on the chain may take to be confirmed before an operator is asked to look."""

QUOTE_PATIENCE = timedelta(minutes=5)
"""How long a quote request is retried before the order closes without one; the business waits for the answer."""

OFFER_PATIENCE = timedelta(minutes=6)
"""How long the answer to a ZeroConf offer is retried; an offer is open for five minutes (partner API reference,
timings)."""

MAX_QUOTE_LIFE = timedelta(days=366)
"""The latest expiry of a quote, from now, that is believed; a later one would overflow dates and timers."""

MAX_QUOTE_GENERATIONS = 20
"""How many quote requests an order makes when Orchestra refuses them temporarily."""

NO_WORKER_PATIENCE = timedelta(seconds=60)
"""How long a quote request may wait for a worker that serves its account."""

FINAL_CHECK_PATIENCE = timedelta(minutes=10)
"""How long the read before closing an order is retried in one activity."""

FINAL_CHECK_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15, 30))
"""Pauses before a final check that got no answer is repeated; the last one repeats. The order never closes without an
answer: 7 checks in the first hour, then 48 a day."""

REMINDER = timedelta(hours=6)
"""How often an operator is reminded of a wait that takes too long."""


def share_of(workflow_id: str) -> float:
    """Return an order's share of the spread, from 0 up to 1: always the same, and evenly distributed among orders."""
    return crc32(workflow_id.encode()) / 2**32


def silence_before_poll(state: OrderState, share: float = 0) -> timedelta:
    """Return how long the order hears nothing before it polls: sooner if a read brought the last change of status.

    Args:
        state: The order's state.
        share: The order's share of its plan's spread, see `share_of`.
    """
    plan = plan_of(state)
    silence = plan.silence if state.webhooks_flow else plan.cadence.first
    if state.refused_reads:
        silence = max(silence, ACCESS_REFUSED.pause(state.refused_reads))
    return silence * (1 + plan.spread * share)


def pause_before_submit(known: KnownDeposit) -> timedelta:
    """Return the pause before a deposit is submitted again that was refused temporarily."""
    return _resubmits(known).pause(known.refusals)


def resubmit_of(known: KnownDeposit, *, alone: bool) -> Resubmit | None:
    """Return how the next submit repeats the deposit's last refusal: its pauses continue where the workflow's ended.

    Args:
        known: The deposit.
        alone: No other deposit waits for its turn.
    """
    if known.refusal is None or not known.refusals:
        return None
    cadence = _resubmits(known)
    cadence = cadence.model_copy(update={"first": cadence.pause(known.refusals + 1)})
    return Resubmit(code=known.refusal.code, cadence=cadence, times=None if alone else TURN)


def _resubmits(known: KnownDeposit) -> Cadence:
    return ACCESS_REFUSED if known.access_refused else RESUBMITS


def plan_for(phase: Phase, status: str | None) -> WaitPlan:
    """Return the plan for an order in this phase and status."""
    if phase is Phase.SUBMITTING:
        return SUBMITTING
    if phase is not Phase.TRACKING or status is None:
        return AWAITING_DEPOSIT
    named = known(status)
    return TRACKING.get(named, UNKNOWN_STATUS) if named else UNKNOWN_STATUS


def is_unpaid(state: OrderState) -> bool:
    """Whether an order of an onramp or a pay link is still unpaid; Orchestra has no status of its own for that."""
    return has_invoice(state) and state.view.status == Status.PROCESSING


def has_invoice(state: OrderState) -> bool:
    """Whether the payer pays an invoice of an onramp or a pay link: then an order exists before its payment."""
    record = state.view.record
    return state.page is not None or (record is not None and record.pay_link_id is not None)


def ended_unpaid(record: OrderRecord) -> bool:
    """Whether an order ended for lack of money: Orchestra knows no deposit of it."""
    return record.status in (Status.EXPIRED, Status.UNFULFILLED) and not record.source_tx_hash


def awaits_payment(state: OrderState) -> bool:
    """Whether an onramp order waits for the payment of an invoice that has not expired."""
    return is_unpaid(state) and bool(state.quotes) and not state.quotes[-1].expiry_handled


def plan_of(state: OrderState) -> WaitPlan:
    """Return the plan of the order's current wait."""
    if state.address_deposit is not None and state.view.order_id is None:
        return AWAITING_ORDER
    return AWAITING_PAYMENT if awaits_payment(state) else plan_for(state.phase, state.view.status)
