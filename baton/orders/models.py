"""The words an order is described in: phases, outcomes, policies, reasons, attention.

These models travel through Temporal, so they only grow: new fields have defaults, unknown ones are ignored, amounts are
strings of digits in JSON. Nothing here holds a key or a secret: an account is a name.
"""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, Field

from baton.chains.deposits import DepositState
from baton.encoding.amounts import Time
from baton.orchestra.rules.reprice import RepricePolicy
from baton.orchestra.rules.zeroconf import ZeroConfPolicy


class Phase(StrEnum):
    """Where Baton is with an order."""

    QUOTING = "quoting"
    AWAITING_DEPOSIT = "awaiting_deposit"
    SUBMITTING = "submitting"
    TRACKING = "tracking"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How an order ended."""

    COMPLETED = "completed"
    REFUNDED = "refunded"
    FAILED = "failed"
    EXPIRED = "expired"
    UNFULFILLED = "unfulfilled"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class OnQuoteExpiry(StrEnum):
    """What to do when a quote expires before a deposit is known."""

    WAIT = "wait"
    """Keep its address open: Orchestra reprices late deposits within the quote's slippage."""
    REQUOTE = "requote"
    """Ask for a new quote; deposits to the older addresses stay honoured."""
    EXPIRE = "expire"
    """Close the order, after one last look for a deposit."""


class OrderPolicy(BaseModel):
    """What the business wants done without being asked."""

    on_quote_expiry: OnQuoteExpiry = OnQuoteExpiry.WAIT
    max_requotes: int = Field(default=3, ge=0, le=50)
    deposit_window: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0), le=timedelta(days=30))
    """How long, from the start, a deposit is waited for at all."""
    zeroconf: ZeroConfPolicy | None = None
    """What to do about ZeroConf offers; None leaves it to the account's policy."""
    reprice: RepricePolicy | None = None
    """What to do about repricings of older accounts; None leaves it to the account's policy."""
    submit_at: DepositState | None = None
    """How sure a deposit seen on chain must be before it is submitted; None leaves it to the account's policy."""


class Payer(BaseModel):
    """Who pays an onramp, as far as the business tells: its own id of the payer, and the region, such as `US-CA`."""

    id: str | None = None
    region: str | None = None


class Reason(BaseModel):
    """Why something ended or was refused: a stable code, and words; the partner's own where it spoke."""

    code: str
    message: str


class NextStep(NamedTuple):
    """What comes after a step of an order: another phase, its end, or (without a phase) the same phase again."""

    phase: Phase | None = None
    outcome: Outcome | None = None
    reason: Reason | None = None


STAY = NextStep()


def enter(phase: Phase) -> NextStep:
    """Return the step into an open phase."""
    return NextStep(phase)


def close(outcome: Outcome, reason: Reason | None) -> NextStep:
    """Return the step that ends an order."""
    return NextStep(Phase.CLOSED, outcome, reason)


class Attention(BaseModel):
    """A person must look: why, since when. The order still waits."""

    reason: str
    message: str
    since: Time


class Waiting(BaseModel):
    """What an order waits for, from whom, until when, and what happens then."""

    what: str
    who: str
    until: Time
    then: str


class Resolution(BaseModel):
    """What an operator did about an attention: who and what in words, and how the order was closed by hand, if so."""

    note: str = Field(min_length=1, max_length=1000)
    close_as: Outcome | None = None
