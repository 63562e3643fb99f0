"""How long each wait may take, as data: when silence starts a read, how reads repeat, who owes us, what comes then.

The figures are ours; what bounds them stands in the partner API reference (timings, rate limits: look-ups share 120 a
minute and address). Changing one changes timers only, which stored histories replay unharmed.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from baton.orchestra.lifecycle import Status, known
from baton.orders.messages import Cadence
from baton.orders.models import Phase
from baton.orders.state import OrderState

ORCHESTRA = "orchestra"
PAYER = "payer"
BUSINESS = "business"
OPERATOR = "operator"
BATON = "baton"
CHAIN = "chain"


def _cadence(first: float, longest: float) -> Cadence:
    return Cadence(first=timedelta(seconds=first), longest=timedelta(seconds=longest))


@dataclass(frozen=True)
class WaitPlan:
    """The plan of one wait.

    Attributes:
        what: What is waited for, in words.
        who: Who owes it.
        silence: Time without hearing anything after which we read ourselves.
        patience: Time in this status after which a person is told.
        then: What happens when patience ends.
        urgency: Priority of the reads, 1 most urgent to 5.
        cadence: How reads are repeated.
    """

    what: str
    who: str
    silence: timedelta
    patience: timedelta
    then: str = "an operator is told and Baton keeps reading"
    urgency: int = 3
    cadence: Cadence = field(default_factory=lambda: _cadence(15, 120))


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
)
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

LATE_MONEY_WINDOW = timedelta(hours=6)
"""How long an unfulfilled order may be resumed by a late deposit (partner API reference, timings)."""

TRACKING: dict[Status, WaitPlan] = {
    Status.PROCESSING: _tracking("Orchestra to take the order up", minutes=60, urgency=2),
    Status.CONFIRMING: _tracking("the deposit to be confirmed on its chain", minutes=6 * 60, urgency=4),
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
    ),
}

RESUBMIT_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (2, 4, 8, 15, 30, 60))
"""Pauses between the generations of a submit that was refused for the moment; the last one repeats."""

UNCONFIRMED_PATIENCE = timedelta(hours=6)
"""How long a deposit that was seen may take to be as sure as a submit wants it, before an operator is told."""

QUOTE_PATIENCE = timedelta(minutes=5)
"""How long a quote is tried before the order closes without one; the business waits for the answer."""

OFFER_PATIENCE = timedelta(minutes=6)
"""How long the answer to a ZeroConf offer is tried; an offer lives five minutes (partner API reference, timings)."""

MAX_QUOTE_GENERATIONS = 20
"""How often a quote is asked for anew when Orchestra refuses it for the moment."""

NO_WORKER_PATIENCE = timedelta(seconds=60)
"""How long a quote may wait for a worker that serves its account."""

LAST_LOOK_PATIENCE = timedelta(minutes=10)
"""How long the read before closing an order is tried in one go."""

LAST_LOOK_PAUSE = timedelta(minutes=1)
"""Pause before the last look is tried again; the order does not close without it."""

REMINDER = timedelta(hours=6)
"""How often an operator is told again of a wait without end."""


def plan_for(phase: Phase, status: str | None) -> WaitPlan:
    """Return the plan of the wait that an order in this phase and status is in."""
    if phase is Phase.SUBMITTING:
        return SUBMITTING
    if phase is not Phase.TRACKING or status is None:
        return AWAITING_DEPOSIT
    named = known(status)
    return TRACKING.get(named, UNKNOWN_STATUS) if named else UNKNOWN_STATUS


def is_unpaid(state: OrderState) -> bool:
    """Tell whether an onramp order has not been paid yet, which no status of its own tells."""
    return state.page is not None and state.view.status == Status.PROCESSING


def awaits_payment(state: OrderState) -> bool:
    """Tell whether an onramp order waits for the payment of an invoice that has not run out."""
    return is_unpaid(state) and bool(state.quotes) and not state.quotes[-1].expiry_handled


def plan_of(state: OrderState) -> WaitPlan:
    """Return the plan of the wait that an order is in."""
    return AWAITING_PAYMENT if awaits_payment(state) else plan_for(state.phase, state.view.status)
