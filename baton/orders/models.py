"""What an order is to Baton: the request that starts it, the state that a run carries, and what the outside is told.

These models travel through Temporal, so they only grow: new fields have defaults, unknown ones are ignored, amounts are
strings of digits in JSON. Nothing here holds a key or a secret: an account is a name.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, Field

from baton.chains.deposits import DepositState
from baton.encoding.amounts import Time, TolerantAmount
from baton.orchestra.models import Quote, QuoteRequest
from baton.orchestra.proofs import DepositProof
from baton.orchestra.resources import OnrampRequest
from baton.orchestra.rules.reprice import RepricePolicy
from baton.orchestra.rules.zeroconf import ZeroConfPolicy
from baton.orders.observation import OrderView
from baton.orders.rules.reprice import RepriceReport
from baton.orders.rules.zeroconf import ApprovalReport
from baton.orders.seen_deposits import Sighting, payable


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


SWAP: Final = "swap"
ONRAMP: Final = "onramp"
"""Kind of an order that a payer pays over Lightning: quoted and submitted in one call."""
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
    reprice: RepricePolicy | None = None
    """What to do about repricings of older accounts; None leaves it to the account's policy."""
    submit_at: DepositState | None = None
    """How sure a deposit seen on chain must be before it is submitted; None leaves it to the account's policy."""


Request = Annotated[QuoteRequest | OnrampRequest, Field(union_mode="left_to_right")]
"""What is asked of the partner. An onramp's request names no source, so the two never read as each other."""


class Payer(BaseModel):
    """Who pays an onramp, as far as the business tells: its own id of the payer, and the region, such as `US-CA`."""

    id: str | None = None
    region: str | None = None


class PlaceOrder(BaseModel):
    """The order as the business places it: input of the workflow and of the `place` update.

    `state` is only filled when a run continues as a new one.
    """

    account: str
    reference: str
    kind: str = SWAP
    request: Request
    policy: OrderPolicy = OrderPolicy()
    payer: Payer | None = None
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
    seen_by: str = "business"
    """Who told of it first: `business`, or `chain`."""


class PaymentPage(BaseModel):
    """How a payer pays an onramp: the link for a QR code opens the payment app, the short one is for sharing."""

    order_id: str
    deeplink: str | None = None
    short_url: str | None = None
    spot_usd_per_btc: str | None = None
    rounding_fee_amount: TolerantAmount = None


class Resolution(BaseModel):
    """What an operator did about an attention: who and what in words, and how the order was closed by hand, if so."""

    note: str = Field(min_length=1, max_length=1000)
    close_as: Outcome | None = None


class Resolved(BaseModel):
    """An attention that an operator has dealt with."""

    at: Time
    reason: str | None = None
    note: str


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
    sightings: list[Sighting] = []
    view: OrderView = OrderView()
    status_since: Time | None = None
    reminders: int = 0
    approvals: list[ApprovalReport] = []
    reprices: list[RepriceReport] = []
    resolutions: list[Resolved] = []
    close_as: Outcome | None = None
    """How an operator said that the order ended."""
    superseded: list[str] = []
    page: PaymentPage | None = None
    streams: bool = False
    """The account follows its orders by reads and streams, because no webhook can reach it."""
    heard_at: Time
    webhooks_flow: bool = True
    attention: Attention | None = None
    revision: int = 0

    @property
    def placed(self) -> bool:
        """Tell whether the business can be answered: there is somewhere to pay, an order, or an end."""
        return bool(self.quotes or self.view.order_id) or self.phase is Phase.CLOSED

    @property
    def money_is_coming(self) -> bool:
        """Tell whether a deposit is known, by whoever told of it: the order must not close for lack of one."""
        return bool(self.view.order_id or self.deposit or payable(self.sightings))

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


PlaceOrder.model_rebuild()
