"""The state of an order: everything that a run of its workflow knows and shows.

A fact that must survive a continue as new is here and nowhere else.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, model_validator

from baton.chains.decimals import decimals_of
from baton.encoding.amounts import Time, TolerantAmount
from baton.encoding.units import is_plausible
from baton.holds.models import HeldOrder
from baton.orchestra.lifecycle import is_hard_end
from baton.orchestra.models import Quote
from baton.orchestra.proofs import DepositProof
from baton.orchestra.rules.reprice import Reprice
from baton.orders.address_deposit import AddressDeposit
from baton.orders.known_deposits import BUSINESS, DepositStage, KnownDeposit, first_in_turn, of_older_state
from baton.orders.models import Attention, ClearedAttention, Outcome, Phase, Reason, WantedDecision, foremost
from baton.orders.observation import OrderView
from baton.orders.reports import ApprovalReport, RepriceReport
from baton.orders.seen_deposits import SeenDeposit, is_money


class TakenQuote(BaseModel):
    """A quote of the order, and whether its expiry has been handled."""

    quote: Quote
    taken_at: Time
    expiry_handled: bool = False


class DepositReport(BaseModel):
    """A deposit as the business app reports it.

    Without `quote_id` it belongs to the quote whose address received it; while the chain shows none, to the newest.
    """

    proof: DepositProof
    quote_id: str | None = None
    seen_by: str = BUSINESS
    by: str | None = None
    """Who reports it, by the name of the API token."""


class RequestedBy(BaseModel):
    """Argument of updates that have no other: who asks, by the name of the API token, and why."""

    by: str | None = None
    note: str | None = Field(default=None, max_length=1000)


class Act(BaseModel):
    """What somebody did to an order.

    Attributes:
        at: When.
        act: `report_deposit`, `decide_zeroconf`, `decide_reprice`, `cancel`, `refresh`, `resolve` or `close_by_hand`.
        by: Who, by the name of the API token, or `cli:` and the name of the user at the command line.
        note: Why, if that was said.
    """

    at: Time
    act: str
    by: str
    note: str | None = None


class PaymentPage(BaseModel):
    """How a payer pays an onramp: `deeplink` is for a QR code and opens the payment app, `short_url` is for sharing."""

    order_id: str
    deeplink: str | None = None
    short_url: str | None = None
    spot_usd_per_btc: str | None = None
    rounding_fee_amount: TolerantAmount = None


class Resolved(BaseModel):
    """An attention that an operator resolved."""

    at: Time
    reason: str | None = None
    note: str
    by: str | None = None


class OrderState(BaseModel):
    """Everything that a run of the order workflow knows."""

    phase: Phase = Phase.QUOTING
    outcome: Outcome | None = None
    reason: Reason | None = None
    opened_at: Time
    closed_at: Time | None = None
    quotes: list[TakenQuote] = []
    decimals: dict[str, int] = {}
    """Decimals of the order's assets by Orchestra's routes, as of the newest quote: of `chain:asset`, and of a bare
    symbol if they are the same on every chain."""
    quote_generation: int = 1
    submit_generation: int = 1
    submit_started_at: Time | None = None
    submits_refused: int = 0
    """How many keys of the generation were used up before a hold ended its activity."""
    held: HeldOrder | None = None
    """The hold that stops the order's submit or the answer to its question."""
    deposits: list[KnownDeposit] = []
    sightings: list[SeenDeposit] = []
    """What the chain shows, transfer by transfer."""
    address_deposit: AddressDeposit | None = None
    """The deposit to a reusable address that the order comes of."""
    view: OrderView = OrderView()
    observed: int = 0
    """How many observations changed the view. A read is fresh if this count is still the same as when it began."""
    final_checks: int = 0
    """How many final checks in a row got no answer."""
    refused_reads: int = 0
    """How many reads in a row were refused; the pauses before the next one grow with them."""
    disagreements: int = 0
    """How many reads in a row contradicted the present status."""
    status_since: Time | None = None
    reminders: int = 0
    offers: list[str] = []
    """The last ZeroConf offers that an approval was started for."""
    offer_count: int = 0
    """How many there were; it numbers the idempotency keys. 0 in a state from before it was counted."""
    approvals: list[ApprovalReport] = []
    reprices: list[RepriceReport] = []
    reprice_count: int = 0
    """How many repricings were answered, with those that are no longer in the list; it numbers the keys."""
    judged_reprices: list[Reprice] = []
    """Repricings that the policy has judged; each is judged once."""
    resolutions: list[Resolved] = []
    acts: list[Act] = []
    """What was done to it by callers that have a name, the newest."""
    close_as: Outcome | None = None
    """The outcome that an operator named when closing the order by hand."""
    superseded: list[str] = []
    page: PaymentPage | None = None
    streams: bool = False
    """The account follows its orders by polls and event streams, because no webhook can reach it."""
    heard_at: Time
    webhooks_flow: bool = True
    attentions: dict[str, Attention] = {}
    """Why a person must look, by reason; see `rules.attention`."""
    cleared: list[ClearedAttention] = []
    """The last attentions that no longer stand."""
    decisions: list[WantedDecision] = []
    """The last decisions that the business was asked for."""
    asks: bool = False
    """Whether the order waited for the business when it last published its state."""
    revision: int = 0
    published_at: Time | None = None
    newest_arrival: Time | None = None
    """When the newest observation reached Baton."""

    @model_validator(mode="before")
    @classmethod
    def _of_older_state(cls, fields: Any) -> Any:
        """Read a state that an order wrote when it had one deposit and one attention at a time."""
        if not isinstance(fields, dict):
            return fields
        read = dict(fields)
        if "deposits" not in read:
            read["deposits"] = of_older_state(read)
        if "attentions" not in read and (attention := read.get("attention")):
            read["attentions"] = {attention["reason"]: attention}
        return read

    def present(self, now: datetime) -> datetime:
        """Return the present time: `now`, or the arrival of the newest observation if that is later.

        For a query the SDK may have a workflow act with the time of the workflow task before, which may be long ago
        (docs/decisions/0002).
        """
        return max(now, self.newest_arrival) if self.newest_arrival else now

    @property
    def attention(self) -> Attention | None:
        """The attention to show where there is room for one."""
        return foremost(self.attentions)

    @property
    def deposit(self) -> KnownDeposit | None:
        """The deposit to submit, or that Orchestra accepted; None while there is none."""
        return first_in_turn(self.deposits)

    @property
    def refused_deposits(self) -> list[KnownDeposit]:
        """The deposits that Orchestra refused for good."""
        return [known for known in self.deposits if known.stage is DepositStage.REFUSED]

    @property
    def placed(self) -> bool:
        """Whether `place` can be answered: there is an address to pay to, an order, or an end."""
        return bool(self.quotes or self.view.order_id) or self.phase is Phase.CLOSED

    @property
    def money_is_coming(self) -> bool:
        """Whether any source reported a payment; if so, the order must not expire."""
        return bool(self.view.order_id or self.deposit or is_money(self.sightings))

    @property
    def ended_unread(self) -> bool:
        """Whether the end is known only from the answer to a submit, which has no amounts and no transaction."""
        record = self.view.record
        return record is not None and record.updated_at is None and is_hard_end(self.view.status)

    @property
    def quote(self) -> Quote | None:
        """The quote in force: that of the order or the deposit, else the newest."""
        quote_id = self.view.record.quote_id if self.view.record else None
        quote_id = quote_id or (self.deposit.quote_id if self.deposit else None)
        for taken in self.quotes:
            if taken.quote.quote_id == quote_id:
                return taken.quote
        return self.quotes[-1].quote if self.quotes else None

    def decimals_of(self, chain: str | None, asset: str) -> int | None:
        """Return an asset's decimals by Orchestra's routes, else by the chain's watch, else by the shipped catalogue.

        None if none of them knows. Without a chain only the routes count, because the others do not know every chain
        with the symbol.
        """
        if chain is None:
            return self.decimals.get(asset)
        seen = (known.deposit for known in self.sightings)
        watched = (deposit.decimals for deposit in seen if (deposit.chain, deposit.symbol) == (chain, asset))
        sources = (self.decimals.get(f"{chain}:{asset}"), *watched, decimals_of(chain, asset))
        return next((decimals for decimals in sources if is_plausible(decimals)), None)

    def next_submit(self) -> None:
        """Move the submit to its next generation: the keys of this one are used up."""
        self.submit_generation += 1
        self.submits_refused = 0

    def quote_of(self, quote_id: str) -> Quote | None:
        """Return the order's quote with this id, or None."""
        return next((taken.quote for taken in self.quotes if taken.quote.quote_id == quote_id), None)
