"""The inputs and results of the activities that workflows call: one model in, one model out."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.models import Quote, QuoteRequest
from baton.orchestra.offramp_models import OfframpRequest
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.proofs import DepositProof
from baton.orchestra.rules.reprice import RepriceAction
from baton.orders.address_deposit import AddressDeposit, HeldDeposit
from baton.orders.observation import Observation

REQUEST_QUOTE = "request_quote"
SUBMIT_DEPOSIT = "submit_deposit"
REQUEST_ONRAMP = "request_onramp"
READ_ORDER = "read_order"
RECORD_ORDER = "record_order"
RECORD_ATTENTION = "record_attention"
ZEROCONF_TERMS = "zeroconf_terms"
ANSWER_ZEROCONF = "answer_zeroconf"
REPRICE_POLICY = "reprice_policy"
ANSWER_REPRICE = "answer_reprice"
INDEX_ADDRESS = "index_address"
REFUND_ADDRESS_DEPOSIT = "refund_address_deposit"
TRACK_ORDER = "track_order"
READ_PLACEMENT = "read_placement"

DAILY_CAP = "daily_cap"
"""Code of the refusal to accept an offer for which other offers left no room."""


class GatedCall(BaseModel):
    """A call that an operator may hold, see `baton.holds`."""

    account: str
    route: str | None = None
    """The order's route, such as `base:USDC>spark:BTC`; None in calls of an older version."""
    behind: str | None = None
    """The hold that the order has waited behind and has not been released from."""
    released: list[str] = []
    """The holds whose release the order was told: a worker that has not seen it yet must not stop the order again."""


class RequestQuote(BaseModel):
    """Request a quote, of an off-ramp too, under this idempotency key."""

    account: str
    workflow_id: str
    key: str
    request: Annotated[QuoteRequest | OfframpRequest, Field(union_mode="left_to_right")]
    amount_decimals: int | None = None
    """As in `PlaceOrder`."""


class QuoteAnswer(Quote):
    """A quote, and what Orchestra's routes say of its assets."""

    decimals: dict[str, int] = Field(default={})
    """As in `OrderState`."""


class RequestOnramp(GatedCall):
    """Request an onramp order under this idempotency key; limits apply to `payer` and `region`."""

    workflow_id: str
    key: str
    request: OnrampRequest
    payer: str | None = None
    region: str | None = None
    amount_decimals: int | None = None
    """As in `PlaceOrder`."""


class OnrampAnswer(BaseModel):
    """The new onramp order. Without a quote it is held for a review and has no invoice yet."""

    order_id: str
    quote: Quote | None = None
    deeplink: str | None = None
    short_url: str | None = None
    spot_usd_per_btc: str | None = None
    streams: bool = False
    """No webhook reaches the account, see `Submission`."""
    taken_over: bool = False
    """Another workflow tracked the order until now, see `Submission`."""
    decimals: dict[str, int] = {}
    """As in `OrderState`."""
    adopted_as: str | None = None
    """The workflow that adopted the order; in answers of earlier versions, which left it to be asked to step aside."""


class Cadence(BaseModel):
    """The pauses between repeated calls: the first, how they grow, the longest."""

    first: timedelta
    factor: float = 1.5
    longest: timedelta

    def pause(self, attempt: int) -> timedelta:
        """Return the pause after this many calls in vain (1 after the first)."""
        growth = self.factor ** min(attempt - 1, 60)
        return timedelta(seconds=min(self.first.total_seconds() * growth, self.longest.total_seconds()))


class Resubmit(BaseModel):
    """Repeat a submit, each time under a new key, for as long as Orchestra refuses it with this code."""

    code: str
    cadence: Cadence
    times: int | None = None
    """How many submits it makes; None means no end."""


class SubmitDeposit(GatedCall):
    """Submit a deposit's proof under this idempotency key.

    With `resubmit` a refusal that is known already is repeated inside the activity, and costs no history.
    """

    workflow_id: str
    key: str
    quote_id: str
    proof: DepositProof
    resubmit: Resubmit | None = None
    refused: int = 0
    """How many keys of this generation were used up before a hold ended the activity."""


class Submission(Observation):
    """The answer to a submit, and whether webhooks will follow."""

    streams: bool = False
    """No webhook reaches the account: its orders are polled at once."""
    taken_over: bool = False
    """Another workflow tracked the order until now and got its first webhooks: a read recovers them."""


class ReadOrder(BaseModel):
    """Read an order by its id, or find the order of one of the quotes.

    With a `cadence` this is a poll: the read is repeated until it brings news.
    """

    account: str
    workflow_id: str
    order_id: str | None = None
    quote_ids: list[str] = []
    deposit: AddressDeposit | None = None
    """The deposit to find the order of, where there is neither an id nor a quote."""
    known_status: str | None = None
    known_updated_at: TolerantTime = None
    cadence: Cadence | None = None


class ReadResult(BaseModel):
    """The result of a read; without observations there is no order yet."""

    observations: list[Observation] = []
    streams: bool = False
    """No webhook reaches the account: its orders are polled at once."""
    held: HeldDeposit | None = None
    """How Orchestra lists the deposit that has no order yet."""
    decimals: dict[str, int] = {}
    """As in `OrderState`."""


class IndexAddress(BaseModel):
    """Have Orchestra look for deposits to this address again, under this idempotency key."""

    account: str
    orchestra_id: str
    key: str


class RefundAddressDeposit(BaseModel):
    """Have Orchestra refund this deposit, under this idempotency key."""

    account: str
    deposit: AddressDeposit
    refund_address: str
    key: str


class RefundAccepted(BaseModel):
    """Orchestra accepted the request for a refund."""

    batch_id: str | None = None


class TrackOrder(BaseModel):
    """Have an Orchestra order tracked that has no workflow yet."""

    account: str
    order_id: str


class ReadPlacement(BaseModel):
    """Read where to deposit, as soon as the order has a quote or has ended."""

    account: str
    reference: str


class AnswerZeroConf(GatedCall):
    """Accept or decline a ZeroConf offer under this idempotency key; accepting credits `credit_sats`.

    If the account's credits would exceed `cap_sats` then, the answer is not sent, and the refusal is `DAILY_CAP`.
    """

    workflow_id: str
    order_id: str
    offer_id: str
    accept: bool
    credit_sats: int
    cap_sats: int | None = None
    """None where no cap applies, as when the business itself accepts."""
    reason: str
    key: str


class AnswerReprice(GatedCall):
    """Answer a repricing under this idempotency key; the minimum is in smallest destination units."""

    order_id: str
    action: RepriceAction
    minimum: TolerantAmount = None
    refund_address: str | None = None
    reason: str
    key: str


class Refusal(BaseModel):
    """A definite refusal, as it travels in a failed activity's details."""

    code: str
    message: str
    ask_anew: bool = False
    """The refusal is temporary: the next generation of the key may pass."""
    unauthorized: bool = False
    retry_after: float | None = None
    """Seconds to wait, as Orchestra asked."""
