"""Requests and answers of the partner API.

Names are the API's own, in Python spelling; JSON uses camelCase. Reading is tolerant, because the API grows: unknown
fields are ignored and missing ones are None. An order comes in two shapes, flat in status reads and nested in webhooks;
both become an `OrderRecord`. Source: the partner API reference, endpoints and order object.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator
from pydantic.alias_generators import to_camel

from baton.encoding.amounts import Amount, Time, TolerantAmount, TolerantTime
from baton.orchestra.order_shapes import flat
from baton.orchestra.tolerant_fields import (
    Memo,
    Route,
    SubmitStatus,
    TolerantCount,
    TolerantFeeAsset,
    TolerantFlag,
)

MAX_ID = 200
"""Longest id, in characters; Orchestra's have about 40. A cut id would name nothing, so a longer one is an error."""

MAX_ADDRESS = 4_096
"""Longest deposit address, in characters: the invoices of Lightning are the longest."""

_LONGEST_TEXT = 4_000
"""Longer texts are cut. An order's record keeps still less of each, see `baton.orchestra.bounds`."""

_LONGEST_LABEL = 500
"""Longest text of a quote; an order keeps up to 51 quotes."""


def _text_or_none(value: Any) -> str | None:
    return value[:_LONGEST_TEXT] if isinstance(value, str) and value else None


def _label_or_none(value: Any) -> str | None:
    return value[:_LONGEST_LABEL] if isinstance(value, str) and value else None


def _object_or_none(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


Text = Annotated[str | None, BeforeValidator(_text_or_none)]
Label = Annotated[str | None, BeforeValidator(_label_or_none)]
Id = Annotated[str, Field(min_length=1, max_length=MAX_ID)]
Document = Annotated[dict[str, Any] | None, BeforeValidator(_object_or_none)]
"""A sub-object kept as received: it is shown and stored, and read by the rules that need it."""


class Wire(BaseModel):
    """Base of every request and answer: camelCase in JSON, unknown fields ignored."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

    def wire(self) -> dict[str, Any]:
        """Return the JSON body: camelCase names, amounts as strings, absent fields left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class KeyedAnswer(Wire):
    """An answer to a call made under an idempotency key."""

    _replayed: bool = PrivateAttr(default=False)

    @property
    def replayed(self) -> bool:
        """Whether the API repeated a stored answer. Only the caller knows this: it is never serialized."""
        return self._replayed

    def mark_replayed(self, replayed: bool) -> None:
        """Record whether the API repeated a stored answer."""
        self._replayed = replayed


class AppFee(Wire):
    """A fee for the partner or an affiliate, deducted from the order. `fee` in basis points."""

    recipient: str
    fee: int = Field(ge=1, le=10_000)


class AffiliateFee(Wire):
    """A registered affiliate, with a fee of its own in basis points where the account may override the usual one."""

    affiliate_id: str
    fee_bps: int | None = Field(default=None, ge=1, le=9_999)


class QuoteRequest(Wire):
    """Body of `POST /v1/orchestration/quote`.

    `amount` counts source units for `exact_in` and destination units for `exact_out`, both smallest units.
    """

    source_chain: str
    source_asset: str
    destination_chain: str
    destination_asset: str
    amount: Amount
    recipient_address: str
    amount_mode: str | None = None
    refund_address: str | None = None
    refund_chain: str | None = None
    slippage_bps: int | None = None
    zeroconf_enabled: bool | None = None
    delivery_mode: str | None = None
    app_fees: list[AppFee] | None = None
    affiliate_id: str | None = None
    affiliate_ids: list[str | AffiliateFee] | None = None


def _affiliate_name(entry: Any) -> Any:
    return entry.get("affiliateId", entry) if isinstance(entry, dict) else entry


class EstimateRequest(Wire):
    """Query of `GET /v1/orchestration/estimate`: like a quote request, but without a required recipient.

    Affiliates are sent without their fee overrides, which a query cannot carry.
    """

    source_chain: str
    source_asset: str
    destination_chain: str
    destination_asset: str
    amount: Amount
    amount_mode: str | None = None
    delivery_mode: str | None = None
    recipient_address: str | None = None
    slippage_bps: int | None = None
    affiliate_id: str | None = None
    affiliate_ids: list[Annotated[str, BeforeValidator(_affiliate_name)]] | None = None


class Quote(KeyedAnswer):
    """Answer of `POST /v1/orchestration/quote`: a price and where to deposit. Amounts in smallest units."""

    quote_id: Id
    deposit_address: str = Field(min_length=1, max_length=MAX_ADDRESS)
    deposit_memo: Memo = Field(default=None, max_length=MAX_ID)
    lightning_receive_request_id: Label = None
    amount_in: Amount
    estimated_out: TolerantAmount = None
    fee_amount: TolerantAmount = None
    total_fee_amount: TolerantAmount = None
    rounding_fee_amount: TolerantAmount = None
    sweep_fee_amount: TolerantAmount = None
    network_cost_amount: TolerantAmount = None
    app_fee_amount: TolerantAmount = None
    fee_asset: Label = None
    fee_asset_details: TolerantFeeAsset = None
    fee_bps: TolerantCount = None
    route: Route = []
    expires_at: Time
    price_lock_mode: Label = None
    locked_min_amount_out: TolerantAmount = None
    zeroconf_enabled: TolerantFlag = None
    amount_mode: Label = None
    target_amount_out: TolerantAmount = None
    required_amount_in: TolerantAmount = None
    max_accepted_amount_in: TolerantAmount = None
    input_buffer_bps: TolerantCount = None
    delivery_mode: Label = None


class Submitted(KeyedAnswer):
    """Answer of `POST /v1/orchestration/submit`. Some older accounts get the fields inside `order`."""

    order_id: Id
    status: SubmitStatus = "processing"

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, data: Any) -> Any:
        inner = data.get("order") if isinstance(data, dict) else None
        if not isinstance(inner, dict):
            return data
        return {"orderId": inner.get("orderId") or inner.get("id"), **inner}


class Stage(Wire):
    """One completed step of an order, as status reads list it."""

    name: str
    status: Text = None
    completed_at: TolerantTime = None


def _stages_only(value: Any) -> list[Any]:
    entries = value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("name"), str)]


Stages = Annotated[list[Stage], BeforeValidator(_stages_only)]
"""Completed steps; entries that cannot be read are left out."""


def _stages_or_none(value: Any) -> list[Any] | None:
    return _stages_only(value) or None


OptionalStages = Annotated[list[Stage] | None, BeforeValidator(_stages_or_none)]
"""Completed steps; None where the source lists none, as webhooks do."""


class OrderRecord(Wire):
    """An Orchestra order as last seen, read from either shape. Amounts in smallest units.

    `status` stays a plain string: a status that this version does not know must be shown, not refused.
    """

    id: Id
    status: str = Field(min_length=1)
    type: Text = None
    quote_id: Text = None
    source_chain: Text = None
    source_asset: Text = None
    source_address: Text = None
    source_tx_hash: Text = None
    source_tx_vout: TolerantCount = None
    source_tx_key: Text = None
    sweep_tx_hash: Text = None
    destination_chain: Text = None
    destination_asset: Text = None
    destination_address: Text = None
    destination_tx_hash: Text = None
    deposit_address: Text = None
    recipient_address: Text = None
    superseded_by_operation_id: Text = None
    recovered_from_operation_id: Text = None
    amount_in: TolerantAmount = None
    amount_out: TolerantAmount = None
    amount_in_usd: Text = None
    amount_out_usd: Text = None
    amount_fiat_usd: Text = None
    amount_fiat_currency: Text = None
    spot_usd_per_btc: Text = None
    fee_bps: TolerantCount = None
    fee_amount: TolerantAmount = None
    fee_asset: Text = None
    fee_asset_details: TolerantFeeAsset = None
    fee_amount_usd: Text = None
    total_fee_bps: TolerantCount = None
    total_fee_amount: TolerantAmount = None
    total_fee_amount_usd: Text = None
    rounding_fee_amount: TolerantAmount = None
    slippage_bps: TolerantCount = None
    flashnet_request_id: Text = None
    spark_tx_hash: Text = None
    refund_asset: Text = None
    refund_amount: TolerantAmount = None
    refund_tx_hash: Text = None
    error_code: Text = None
    error_message: Text = None
    pay_link_id: Text = None
    pay_link_label: Text = None
    review_status: Text = None
    swap: Document = None
    ingress_swap: Document = None
    egress_swap: Document = None
    fee_plan: Document = None
    fee_payouts: Document = None
    price_lock: Document = None
    reprice: Document = None
    payment_intent: Document = None
    zeroconf_offer: Document = None
    stages: OptionalStages = None
    created_at: TolerantTime = None
    updated_at: TolerantTime = None
    completed_at: TolerantTime = None

    @model_validator(mode="before")
    @classmethod
    def _accept_nested(cls, data: Any) -> Any:
        return flat(data) if isinstance(data, dict) else data


class OrderStatus(Wire):
    """Answer of `GET /v1/orchestration/status`."""

    order: OrderRecord
    stages: Stages = []


class QuoteRecord(Wire):
    """The quote as `GET /v1/orchestration/order` shows it."""

    id: str
    kind: Text = None
    deposit_address: Text = None
    amount_in: TolerantAmount = None
    estimated_out: TolerantAmount = None
    expires_at: TolerantTime = None
    expired: TolerantFlag = None
    created_at: TolerantTime = None


class OrderOfQuote(Wire):
    """Answer of `GET /v1/orchestration/order?quoteId=`: `order` is None until Orchestra detects a deposit."""

    quote: QuoteRecord
    order: OrderRecord | None = None
    stages: Stages = []


class Estimate(Wire):
    """Answer of `GET /v1/orchestration/estimate`: a price without a deposit address, and not binding."""

    estimated_out: Amount
    fee_amount: TolerantAmount = None
    fee_bps: TolerantCount = None
    fee_asset: Text = None
    fee_asset_details: TolerantFeeAsset = None
    total_fee_amount: TolerantAmount = None
    route: Route = []
    required_amount_in: TolerantAmount = None
    max_accepted_amount_in: TolerantAmount = None
    target_amount_out: TolerantAmount = None
    input_buffer_bps: TolerantCount = None


class WebhookEvent(Wire):
    """Body of a webhook delivery: the event, its time, and the order at that time."""

    event: str = Field(min_length=1)
    timestamp: TolerantTime = None
    data: OrderRecord
