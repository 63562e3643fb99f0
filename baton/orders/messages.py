"""What the order workflow hands to its activities and gets back: one model in, one model out."""

from datetime import timedelta

from pydantic import BaseModel

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.models import Quote, QuoteRequest
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.proofs import DepositProof
from baton.orchestra.rules.reprice import RepriceAction
from baton.orders.observation import Observation

REQUEST_QUOTE = "request_quote"
SUBMIT_DEPOSIT = "submit_deposit"
REQUEST_ONRAMP = "request_onramp"
READ_ORDER = "read_order"
RECORD_ORDER = "record_order"
ZEROCONF_TERMS = "zeroconf_terms"
ANSWER_ZEROCONF = "answer_zeroconf"
REPRICE_POLICY = "reprice_policy"
ANSWER_REPRICE = "answer_reprice"


class RequestQuote(BaseModel):
    """Ask the partner for a quote, under this idempotency key."""

    account: str
    workflow_id: str
    key: str
    request: QuoteRequest


class RequestOnramp(BaseModel):
    """Ask the partner for an onramp order, under this idempotency key; `payer` and `region` are held to the rules."""

    account: str
    workflow_id: str
    key: str
    request: OnrampRequest
    payer: str | None = None
    region: str | None = None


class OnrampAnswer(BaseModel):
    """The onramp order that was made. Without a quote it is held for a review, and there is no invoice yet."""

    order_id: str
    quote: Quote | None = None
    deeplink: str | None = None
    short_url: str | None = None
    spot_usd_per_btc: str | None = None
    streams: bool = False
    """No webhook reaches the account, see `Submission`."""
    adopted_as: str | None = None
    """Workflow that took the order for one of nobody's, because its first webhook came before this answer."""


class SubmitDeposit(BaseModel):
    """Hand the partner the evidence of a deposit, under this idempotency key."""

    account: str
    workflow_id: str
    key: str
    quote_id: str
    proof: DepositProof


class Submission(Observation):
    """What the answer to a submit says, and whether anybody will tell of the order from now on."""

    streams: bool = False
    """No webhook reaches the account: its orders are read without waiting for one."""


class Cadence(BaseModel):
    """How a read is repeated until it brings news: first pause, growth, longest pause."""

    first: timedelta
    factor: float = 1.5
    longest: timedelta

    def pause(self, attempt: int) -> timedelta:
        """Return the pause after that many reads in vain (1 after the first)."""
        growth = self.factor ** min(attempt - 1, 60)
        return min(timedelta(seconds=self.first.total_seconds() * growth), self.longest)


class ReadOrder(BaseModel):
    """Read an order by its id, or look whether one exists for any of the quotes.

    With a `cadence` the read is repeated until it brings news; without one it is a single look.
    """

    account: str
    workflow_id: str
    order_id: str | None = None
    quote_ids: list[str] = []
    known_status: str | None = None
    known_updated_at: TolerantTime = None
    cadence: Cadence | None = None


class ReadResult(BaseModel):
    """What a read saw; no observations means that there is no order yet."""

    observations: list[Observation] = []
    streams: bool = False
    """No webhook reaches the account: its orders are read without waiting for one."""


class AnswerZeroConf(BaseModel):
    """Accept or decline a ZeroConf offer, under this idempotency key; `credit_sats` is what accepting credits."""

    account: str
    workflow_id: str
    order_id: str
    offer_id: str
    accept: bool
    credit_sats: int
    reason: str
    key: str


class AnswerReprice(BaseModel):
    """Answer a repricing, under this idempotency key. The minimum counts smallest destination units."""

    account: str
    order_id: str
    action: RepriceAction
    minimum: TolerantAmount = None
    refund_address: str | None = None
    reason: str
    key: str


class Refusal(BaseModel):
    """A definite answer that is not the wanted one, as it travels in a failed activity's details."""

    code: str
    message: str
    ask_anew: bool = False
    """The refusal speaks of the moment: the next generation of the key may pass."""
    unauthorized: bool = False
    retry_after: float | None = None
    """Seconds the partner asked to wait."""
