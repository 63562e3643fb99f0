"""What an order is to Baton: the request that starts it, the state that a run carries, and what the outside is told.

These models travel through Temporal, so they only grow: new fields have defaults, unknown ones are ignored, amounts are
strings of digits in JSON. Nothing here holds a key or a secret: an account is a name.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from orchestra.amounts import Amount, Time, TolerantAmount
from orchestra.models import Quote, QuoteRequest
from orchestra.observation import Anomaly, OrderView, Transition
from orchestra.proofs import DepositProof
from orchestra.zeroconf import ZeroConfPolicy
from workflows.approvals import ApprovalReport


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


SWAP = "swap"
ADOPTED = "adopted"
"""Kind of an order that was not placed here: it is tracked from the moment we hear of it."""


class OrderPolicy(BaseModel):
    """What the business wants done without being asked."""

    on_quote_expiry: OnQuoteExpiry = OnQuoteExpiry.WAIT
    max_requotes: int = Field(default=3, ge=0, le=50)
    deposit_window: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0), le=timedelta(days=30))
    """How long, from the start, a deposit is waited for at all."""
    zeroconf: ZeroConfPolicy | None = None
    """What to do about ZeroConf offers; None leaves it to the account's policy."""


class PlaceOrder(BaseModel):
    """The order as the business places it: input of the workflow and of the `place` update.

    `state` is only filled when a run continues as a new one.
    """

    account: str
    reference: str
    kind: str = SWAP
    request: QuoteRequest
    policy: OrderPolicy = OrderPolicy()
    state: "OrderState | None" = None

    def same_as(self, other: "PlaceOrder") -> bool:
        """Tell whether both ask for the same order, whatever has become of it since."""
        return self.model_copy(update={"state": None}) == other.model_copy(update={"state": None})


def first_phase(order: PlaceOrder) -> Phase:
    """Return the phase in which an order begins: an adopted one needs neither quote nor submit."""
    return Phase.TRACKING if order.kind == ADOPTED else Phase.QUOTING


class Reason(BaseModel):
    """Why something ended or was refused: a stable code, and words; the partner's own where it spoke."""

    code: str
    message: str


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


class TakenQuote(BaseModel):
    """A quote we took, and whether the deadline it set has been dealt with."""

    quote: Quote
    taken_at: Time
    expiry_handled: bool = False


class DepositReport(BaseModel):
    """A deposit as the business app reports it. Without `quote_id` it is for the newest quote."""

    proof: DepositProof
    quote_id: str | None = None


class OrderState(BaseModel):
    """Everything a run knows, in one place: it is what a continued run takes over and what a snapshot shows."""

    phase: Phase = Phase.QUOTING
    outcome: Outcome | None = None
    reason: Reason | None = None
    opened_at: Time
    closed_at: Time | None = None
    quotes: list[TakenQuote] = []
    quote_generation: int = 1
    submit_generation: int = 1
    submit_started_at: Time | None = None
    deposit: DepositReport | None = None
    refused_deposits: list[DepositReport] = []
    view: OrderView = OrderView()
    status_since: Time | None = None
    reminders: int = 0
    approvals: list[ApprovalReport] = []
    superseded: list[str] = []
    heard_at: Time
    webhooks_flow: bool = True
    attention: Attention | None = None
    revision: int = 0

    @property
    def quote(self) -> Quote | None:
        """Return the quote in force: the one the known order or deposit belongs to, else the newest."""
        wanted = self.view.record.quote_id if self.view.record else None
        wanted = wanted or (self.deposit.quote_id if self.deposit else None)
        for taken in self.quotes:
            if taken.quote.quote_id == wanted:
                return taken.quote
        return self.quotes[-1].quote if self.quotes else None

    def quote_of(self, quote_id: str) -> Quote | None:
        """Return the quote of that id, if this order took it."""
        return next((taken.quote for taken in self.quotes if taken.quote.quote_id == quote_id), None)


class Placement(BaseModel):
    """Answer of `place`: where to deposit what until when, or why not."""

    workflow_id: str
    account: str
    reference: str
    phase: Phase
    outcome: Outcome | None = None
    reason: Reason | None = None
    quote_id: str | None = None
    deposit_address: str | None = None
    deposit_memo: str | None = None
    lightning_receive_request_id: str | None = None
    source_chain: str
    source_asset: str
    amount_in: Amount | None = None
    estimated_out: TolerantAmount = None
    expires_at: Time | None = None


class Standing(BaseModel):
    """Short answer of `report_deposit`, `refresh` and `cancel`: where the order stands now."""

    phase: Phase
    status: str | None = None
    outcome: Outcome | None = None
    order_id: str | None = None
    quote_id: str | None = None
    attention: str | None = None


class QuoteLine(BaseModel):
    """One quote of an order, as a snapshot lists it."""

    quote_id: str
    deposit_address: str
    amount_in: Amount
    estimated_out: TolerantAmount = None
    expires_at: Time


class Snapshot(BaseModel):
    """The truth about one order at one moment: answer of the `snapshot` query and of `baton show --json`."""

    workflow_id: str
    account: str
    reference: str
    kind: str
    request: QuoteRequest
    policy: OrderPolicy
    revision: int
    phase: Phase
    status: str | None = None
    outcome: Outcome | None = None
    reason: Reason | None = None
    order_id: str | None = None
    quote_id: str | None = None
    deposit_address: str | None = None
    deposit_memo: str | None = None
    lightning_receive_request_id: str | None = None
    source_chain: str
    source_asset: str
    destination_chain: str
    destination_asset: str
    recipient_address: str
    amount_in: TolerantAmount = None
    estimated_out: TolerantAmount = None
    amount_out: TolerantAmount = None
    fee_amount: TolerantAmount = None
    fee_asset: str | None = None
    expires_at: datetime | None = None
    quotes: list[QuoteLine] = []
    proof: dict[str, Any] | None = None
    destination_tx_hash: str | None = None
    spark_tx_hash: str | None = None
    refund: dict[str, Any] | None = None
    approvals: list[ApprovalReport] = []
    superseded: list[str] = []
    """Orchestra orders whose place the present one has taken, because the payer replaced the Bitcoin deposit."""
    error: Reason | None = None
    attention: Attention | None = None
    waiting_for: Waiting | None = None
    transitions: list[Transition] = []
    anomalies: list[Anomaly] = []
    opened_at: datetime
    updated_at: datetime | None = None
    closed_at: datetime | None = None


class OrderResult(BaseModel):
    """Result of an order's workflow."""

    outcome: Outcome
    status: str | None = None
    reason: Reason | None = None
    order_id: str | None = None
    quote_id: str | None = None
    amount_in: TolerantAmount = None
    amount_out: TolerantAmount = None


PlaceOrder.model_rebuild()
