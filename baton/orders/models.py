"""The basic models of an order: phase, outcome, policy, reason, attention, and what comes next.

These models travel through Temporal, so they only grow: new fields have defaults, unknown fields are ignored, amounts
are strings of digits in JSON. None holds a key or a secret: an account is a name.
"""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import BaseModel, Field

from baton.chains.deposits import DepositState
from baton.encoding.amounts import Time
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.reprice import RepricePolicy
from baton.orchestra.rules.zeroconf import ZeroConfPolicy


class Phase(StrEnum):
    """What Baton is doing about an order."""

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
    """What to do when a quote expires without a deposit."""

    WAIT = "wait"
    """Keep its address open: Orchestra reprices late deposits within the quote's slippage."""
    REQUOTE = "requote"
    """Request a new quote; deposits to the older addresses still count."""
    EXPIRE = "expire"
    """Close the order, after a final check for a deposit."""


class OrderPolicy(BaseModel):
    """What Baton does without asking the business."""

    on_quote_expiry: OnQuoteExpiry = OnQuoteExpiry.WAIT
    max_requotes: int = Field(default=3, ge=0, le=50)
    deposit_window: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0), le=timedelta(days=30))
    """How long the order waits for a deposit, from its start."""
    zeroconf: ZeroConfPolicy | None = None
    """What to do about ZeroConf offers; None means the account's policy."""
    reprice: RepricePolicy | None = None
    """What to do about repricings of older accounts; None means the account's policy."""
    refund_held: bool = False
    """Whether a deposit to a reusable address that gets no order goes back to the address's own refund address."""
    submit_at: DepositState | None = None
    """The state a deposit on the chain must reach before it is submitted; None means the account's policy."""


class Payer(BaseModel):
    """Who pays an onramp: the business's own id of the payer, and the payer's region, such as `US-CA`."""

    id: str | None = None
    region: str | None = None


class Reason(BaseModel):
    """Why something ended or was refused: a stable code and a message, Orchestra's own if it gave any."""

    code: str
    message: str

    @classmethod
    def of_error(cls, record: OrderRecord) -> Self | None:
        """Return the error in Orchestra's record, or None."""
        if not (record.error_code or record.error_message):
            return None
        return cls(code=record.error_code or "unknown", message=record.error_message or "")


RESOLVED_BY_OPERATOR = "resolved_by_operator"
"""Code of the reason of an order that an operator closed by hand."""

FOLLOWED_ELSEWHERE = "followed_elsewhere"
"""Code of the reason of an adopted order that another workflow took over."""


class NextStep(NamedTuple):
    """What comes after a step of an order: another phase, or (without a phase) the same phase again."""

    phase: Phase | None = None
    outcome: Outcome | None = None
    reason: Reason | None = None


STAY = NextStep()


def enter(phase: Phase) -> NextStep:
    """Return the next step that enters an open phase."""
    return NextStep(phase)


def close(outcome: Outcome, reason: Reason | None) -> NextStep:
    """Return the next step that closes the order."""
    return NextStep(Phase.CLOSED, outcome, reason)


class Attention(BaseModel):
    """Why and since when a person must look, and what that person can do. The order keeps waiting meanwhile."""

    reason: str
    message: str
    since: Time
    remedy: str = ""
    number: int = 1
    """How often the order has raised this reason, with this time."""


class ClearedAttention(BaseModel):
    """An attention that no longer stands; `at` is None until the order publishes that."""

    reason: str
    number: int
    since: Time
    at: Time | None = None


class WantedDecision(BaseModel):
    """A decision that the business was asked for; `number` counts them from 1."""

    what: str
    about: str | None = None
    """What it is about, such as the id of a ZeroConf offer."""
    number: int
    since: Time
    until: Time


def foremost(attentions: dict[str, Attention]) -> Attention | None:
    """Return the attention to show where there is room for one: the newest, and an overdue wait only if it is alone."""
    others = [attention for reason, attention in attentions.items() if reason != "overdue"]
    return others[-1] if others else next(iter(attentions.values()), None)


class Waiting(BaseModel):
    """What an order waits for, who owes it, until when, and what happens then."""

    what: str
    who: str
    until: Time
    then: str


class Resolution(BaseModel):
    """What an operator did about an attention, as a note, and the outcome if that closes the order by hand.

    `reason` names the attention; it may be left out if there is only one. Closing by hand resolves all.
    """

    note: str = Field(min_length=1, max_length=1000)
    reason: str | None = Field(default=None, max_length=100)
    close_as: Outcome | None = None
    despite: list[str] = Field(default=[], max_length=100)
    """With `close_as`, the money under way that the operator knows of, as for `CloseByHand`."""
    by: str | None = None
    """Who resolves it, by the name of the API token."""


class CloseByHand(BaseModel):
    """An operator's request to close an order whose end Orchestra will never report."""

    outcome: Outcome
    note: str = Field(min_length=1, max_length=1000)
    despite: list[str] = Field(default=[], max_length=100)
    """The money under way that the operator knows of: ids of Orchestra's orders and of deposits' transactions."""
    by: str | None = None
    """Who closes it, by the name of the API token."""
