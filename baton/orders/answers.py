"""What an order answers: its placement, its standing, its snapshot and its result.

These models travel through Temporal like those of `baton.orders.models`, and only grow.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, computed_field

from baton.encoding.amounts import Amount, Time, TolerantAmount
from baton.encoding.units import whole
from baton.holds.models import HeldOrder
from baton.orchestra.lifecycle import Status
from baton.orders.address_deposit import AddressDeposit
from baton.orders.amounts import AssetAmount, OrderAmounts
from baton.orders.models import (
    Attention,
    ClearedAttention,
    OrderPolicy,
    Outcome,
    Payer,
    Phase,
    Reason,
    Waiting,
    WantedDecision,
)
from baton.orders.observation import Anomaly, Transition
from baton.orders.order_source import OrderSource
from baton.orders.place_order import Request
from baton.orders.reports import ApprovalReport, RepriceReport
from baton.orders.state import Act, PaymentPage, Resolved


class Placement(BaseModel):
    """Answer of `place`: what to deposit, where and until when, or why nothing can be paid.

    An onramp's deposit address is its invoice; a QR code should hold the page's deeplink.
    """

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
    amounts: OrderAmounts = OrderAmounts()
    """The same amounts with asset, decimals and whole units."""
    expires_at: Time | None = None
    order_id: str | None = None
    page: PaymentPage | None = None
    payer_page: str | None = None
    """Link to the page that shows the payer this order; added by the gateway and the command line."""
    replayed: bool = False
    """Whether the order was placed before, so that this repeats an answer."""


class Standing(BaseModel):
    """Short answer of an update such as `report_deposit`: where the order stands now."""

    phase: Phase
    status: str | None = None
    outcome: Outcome | None = None
    order_id: str | None = None
    quote_id: str | None = None
    attention: str | None = None
    attentions: list[str] = []
    """All reasons for attention; `attention` is the one to show where there is room for one."""
    followed_by: str | None = None
    """The reference of the follow-up order that took a deposit reported after the order's end."""


class QuoteLine(BaseModel):
    """One quote of an order, as a snapshot lists it."""

    quote_id: str
    deposit_address: str
    deposit_memo: str | None = None
    amount_in: Amount
    estimated_out: TolerantAmount = None
    expires_at: Time
    taken_at: Time | None = None


class DepositLine(BaseModel):
    """A deposit seen on its chain, and whether the other sources report the same one; amount in smallest units."""

    tx_id: str
    index: str
    asset: str
    amount: Amount
    decimals: int | None = None
    """Decimals of the asset if the watch knows it."""
    sender: str | None = None
    state: str
    confirmations: int
    verdict: str
    """`exact`, `short`, `over`, `dust`, `wrong_token`, `unknown_token`, `second`, `unproven` or `gone`."""
    quote_id: str
    submitted: bool = False
    agrees: list[str] = []
    """Sources that report the same deposit: `business`, `orchestra`."""
    disagrees: list[str] = []


class ProofLine(BaseModel):
    """A deposit of the order by its proof, and how far it has come."""

    proof: dict[str, Any]
    quote_id: str | None = None
    stage: str
    """`reported`, `seen`, `submitting`, `not_found`, `refused` or `accepted`."""
    seen_by: str
    """Who named it first: `business`, `chain` or `orchestra`."""
    on_chain: str
    """What the chain shows of it: `nothing`, `pays`, `does_not_pay` or `gone`."""
    refusal: Reason | None = None
    """Why Orchestra did not find it, or refused it."""


class ReceivedLine(BaseModel):
    """The amount received, compared with the amount agreed; both in smallest source units."""

    name: str
    """`exact`, `short`, `over`, `unpaid`; for exact-out `within`, `below_required`, `above_max`."""
    received: Amount
    least: Amount
    most: TolerantAmount = None
    message: str


class Interruption(BaseModel):
    """How an order's workflow ended without an outcome, for instance in the Temporal UI: nothing follows it since."""

    how: str
    """`terminated`, `cancelled`, `timed_out` or `failed`."""
    at: datetime
    reason: str | None = None

    @property
    def message(self) -> str:
        """One sentence for people."""
        ended = f"the order's workflow {_ENDED[self.how]} at {self.at:%Y-%m-%d %H:%M:%S} UTC"
        reason = f" ({self.reason})" if self.reason else ""
        return f"{ended}{reason}, so Baton no longer follows this order"


_ENDED = {
    "terminated": "was terminated in Temporal",
    "cancelled": "was cancelled in Temporal",
    "timed_out": "timed out in Temporal",
    "failed": "failed in Temporal",
}


def delivering_transaction(
    destination_chain: str, status: str | None, transaction: str | None, spark_transaction: str | None
) -> str | None:
    """Return the delivering transaction of an order.

    A delivery on Spark may have only a `sparkTxHash`; for other orders that field names the swap's transfer.
    """
    on_spark = destination_chain == "spark" and status == Status.COMPLETED
    return transaction or (spark_transaction if on_spark else None)


class Snapshot(BaseModel):
    """Everything known about one order at one moment: answer of the `snapshot` query and of `baton show --json`."""

    workflow_id: str
    account: str
    reference: str
    kind: str
    request: Request
    policy: OrderPolicy
    payer: Payer | None = None
    metadata: dict[str, str] = {}
    """What the business attached to the order, or to the reusable address or pay link that the order came of."""
    placed_by: str | None = None
    """Who placed it through the order API, by the name of the token."""
    source: OrderSource | None = None
    """The reusable address or the pay link that the order came of; None if the business placed it."""
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
    source_decimals: int | None = None
    """Decimals of the source asset; None where they are not known."""
    destination_decimals: int | None = None
    recipient_address: str
    amount_in: TolerantAmount = None
    estimated_out: TolerantAmount = None
    amount_out: TolerantAmount = None
    fee_amount: TolerantAmount = None
    fee_asset: str | None = None
    amounts: OrderAmounts = OrderAmounts()
    """The same amounts, and what was received and refunded, each with asset, decimals and whole units."""
    received: ReceivedLine | None = None
    deposits: list[DepositLine] = []
    """What the chain shows at the order's addresses, transfer by transfer."""
    proofs: list[ProofLine] = []
    """Every deposit that the business, the chain or Orchestra named."""
    address_deposit: AddressDeposit | None = None
    """The deposit to a reusable address that the order comes of, and what was done about it."""
    page: PaymentPage | None = None
    expires_at: datetime | None = None
    quotes: list[QuoteLine] = []
    proof: dict[str, Any] | None = None
    """The deposit that Baton submits or Orchestra accepted."""
    destination_tx_hash: str | None = None
    spark_tx_hash: str | None = None
    sweep_tx_hash: str | None = None
    """The transaction by which Orchestra collected the deposit."""
    refund: dict[str, Any] | None = None
    approvals: list[ApprovalReport] = []
    reprices: list[RepriceReport] = []
    records: dict[str, Any] = {}
    """The other parts of Orchestra's record, each as it came: fee plan and payouts, price lock, swaps, payment intent,
    repricing, offer, stages, fiat figures and pay link."""
    resolutions: list[Resolved] = []
    acts: list[Act] = []
    """What was done through the order API and by whom, the newest."""
    superseded: list[str] = []
    """Ids of earlier Orchestra orders that the current one replaced, for instance after a replaced Bitcoin deposit."""
    error: Reason | None = None
    attention: Attention | None = None
    """The attention to show where there is room for one; `attentions` has all."""
    attentions: list[Attention] = []
    cleared: list[ClearedAttention] = []
    """The last attentions that no longer stand."""
    decisions: list[WantedDecision] = []
    """The last decisions that the business was asked for."""
    waiting_for: Waiting | None = None
    held: HeldOrder | None = None
    """The hold that an operator placed and the order waits behind."""
    transitions: list[Transition] = []
    """The newest ones."""
    transitions_left_out: int = 0
    """How many older ones there were."""
    left_out_statuses: dict[str, int] = {}
    """How often each status is among those."""
    anomalies: list[Anomaly] = []
    """The first ones of each kind."""
    anomalies_left_out: int = 0
    """How many more there were, repeats included."""
    opened_at: datetime
    paid_at: datetime | None = None
    """When a payment was first noticed: seen on its chain, submitted, or reported by Orchestra."""
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    interrupted: Interruption | None = None
    """Set by the client if the workflow ended without an outcome; the rest is then as it was at that moment."""
    published_at: datetime | None = None
    """When the order last published its state to the read model."""
    payer_page: str | None = None
    """Link to the page that shows the payer this order; added by the gateway and the command line."""

    @property
    def delivery_tx(self) -> str | None:
        """The delivering transaction, see `delivering_transaction`."""
        return delivering_transaction(self.destination_chain, self.status, self.destination_tx_hash, self.spark_tx_hash)

    @property
    def proof_tx(self) -> str | None:
        """The transaction that the proof of the deposit names; a Lightning payment has none."""
        names = ("txHash", "bitcoinTxid", "sparkTxHash")
        return next((str(self.proof[name]) for name in names if self.proof and self.proof.get(name)), None)


class RefundResult(BaseModel):
    """The order's refund as Orchestra reported it; amount in smallest units."""

    amount: TolerantAmount = None
    asset: str | None = None
    chain: str | None = None
    decimals: int | None = None
    tx_hash: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def display(self) -> str | None:
        """The amount in whole units; None where it or the decimals are unknown."""
        return None if self.amount is None or self.decimals is None else whole(self.amount, self.decimals)


class OrderResult(BaseModel):
    """Result of an order's workflow; orders that ended under an older version lack what was added since."""

    outcome: Outcome
    status: str | None = None
    reason: Reason | None = None
    account: str | None = None
    reference: str | None = None
    kind: str | None = None
    order_id: str | None = None
    quote_id: str | None = None
    route: str | None = None
    """For people, such as `base:USDC → spark:BTC`."""
    source_chain: str | None = None
    source_asset: str | None = None
    destination_chain: str | None = None
    destination_asset: str | None = None
    amount_in: TolerantAmount = None
    """The amount in Orchestra's record, also for an order that nobody paid; `paid` is what came in."""
    amount_out: TolerantAmount = None
    amounts: OrderAmounts | None = None
    """The order's amounts with asset, decimals and whole units; None in a result of an older version."""
    paid: AssetAmount | None = None
    delivered: AssetAmount | None = None
    destination_tx_hash: str | None = None
    refund: RefundResult | None = None
    superseded: list[str] | None = None
    """Ids of earlier Orchestra orders that this one replaced; None in a result of an older version."""
    source: OrderSource | None = None
    """The reusable address or the pay link that the order came of."""
