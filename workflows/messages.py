"""What the order workflow hands to its activities and gets back: one model in, one model out."""

from datetime import timedelta

from pydantic import BaseModel

from orchestra.amounts import TolerantTime
from orchestra.models import QuoteRequest
from orchestra.observation import Observation
from orchestra.proofs import DepositProof

REQUEST_QUOTE = "request_quote"
SUBMIT_DEPOSIT = "submit_deposit"
READ_ORDER = "read_order"
RECORD_ORDER = "record_order"
ZEROCONF_TERMS = "zeroconf_terms"
ANSWER_ZEROCONF = "answer_zeroconf"


class RequestQuote(BaseModel):
    """Ask the partner for a quote, under this idempotency key."""

    account: str
    workflow_id: str
    key: str
    request: QuoteRequest


class SubmitDeposit(BaseModel):
    """Hand the partner the evidence of a deposit, under this idempotency key."""

    account: str
    workflow_id: str
    key: str
    quote_id: str
    proof: DepositProof


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


class Sighting(BaseModel):
    """What a read saw; no observations means that there is no order yet."""

    observations: list[Observation] = []


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


class Refusal(BaseModel):
    """A definite answer that is not the wanted one, as it travels in a failed activity's details."""

    code: str
    message: str
    ask_anew: bool = False
    """The refusal speaks of the moment: the next generation of the key may pass."""
    unauthorized: bool = False
    retry_after: float | None = None
    """Seconds the partner asked to wait."""
