"""What a run of the order workflow knows: the state that a continued run takes over and a snapshot shows."""

from pydantic import BaseModel

from baton.encoding.amounts import Time, TolerantAmount
from baton.orchestra.models import Quote
from baton.orchestra.proofs import DepositProof
from baton.orders.models import Attention, Outcome, Phase, Reason
from baton.orders.observation import OrderView
from baton.orders.reports import ApprovalReport, RepriceReport
from baton.orders.seen_deposits import SeenDeposit, payable


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
    sightings: list[SeenDeposit] = []
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
