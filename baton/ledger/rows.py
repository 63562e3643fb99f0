"""The ledger's rows, immutable. Without SQL, so that any module may import them.

Phases, statuses, outcomes and sources are plain strings: the ledger shows what was written and does not interpret it.
Times are aware and read back in UTC. Amounts are ints in smallest units; in JSON they are strings of digits.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, PlainSerializer

LATE = "late"
"""The source of a transition that a webhook reported after the order's workflow had closed."""

Disposition = Literal["handed_over", "late", "unclaimed"]
"""What happened to a webhook delivery: Temporal has it, it came after the order closed, or no order claims it."""


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Time = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A time with a time zone. A naive one is refused: the ledger would have to guess its zone."""

Amount = Annotated[int, Field(ge=0), PlainSerializer(str, return_type=str, when_used="json")]
"""Exact amount in smallest units."""

Document = dict[str, JsonValue]
"""A document of JSON values, stored unchanged."""


class Row(BaseModel):
    """Base of every row: immutable, and without fields that have no column."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def columns_of(row: Row) -> dict[str, Any]:
    """Return the fields of a row by name; its documents are not copied."""
    return dict(vars(row))


class QuoteEntry(Row):
    """Index entry of one quote: the workflow that requested it, and its deposit address."""

    account: str
    quote_id: str
    workflow_id: str
    deposit_address: str | None = None
    deposit_memo: str | None = None
    source_chain: str | None = None
    created_at: Time


class OrderEntry(Row):
    """Index entry of one Orchestra order: the workflow that it belongs to."""

    account: str
    order_id: str
    workflow_id: str


class WatchRow(Row):
    """A deposit address that is watched on its chain since its quote was made.

    `asset` is the symbol of what its order is paid in. It is read from the order's row, and None as long as that is
    missing.
    """

    account: str
    quote_id: str
    workflow_id: str
    chain: str
    address: str
    since: Time
    asset: str | None = None


class DepositRow(Row):
    """A deposit as read from its chain; `position` distinguishes the transfers of one transaction.

    `state` and `document` are the chain reader's own; the ledger does not interpret them.
    """

    chain: str
    tx_id: str
    position: str
    address: str
    asset: str
    amount: Amount
    state: str
    document: Document = {}
    first_seen_at: Time
    updated_at: Time


class PaymentRow(Row):
    """A payment that a payer was asked for: an onramp order in US cents."""

    account: str
    workflow_id: str
    payer: str
    cents: int = Field(ge=0, lt=2**63)
    asked_at: Time


class OrderRow(Row):
    """One order as last published by its workflow.

    `revision` grows with every publication of a run; of two writes the higher revision stays, in any order of arrival.
    It starts again when the reference is used again, and goes back when the workflow is reset: then the later
    `created_at` or `published_at` stays. `attention` is the reason why a person must act, or None. `waiting_for` and
    `snapshot` are documents.
    """

    workflow_id: str
    account: str
    reference: str
    phase: str
    status: str | None = None
    outcome: str | None = None
    order_id: str | None = None
    quote_id: str | None = None
    deposit_address: str | None = None
    source_chain: str | None = None
    source_asset: str | None = None
    destination_chain: str | None = None
    destination_asset: str | None = None
    amount_in: Amount | None = None
    amount_out: Amount | None = None
    attention: str | None = None
    waiting_for: Document | None = None
    next_deadline: Time | None = None
    created_at: Time
    updated_at: Time
    closed_at: Time | None = None
    revision: int = Field(ge=0, lt=2**63)
    snapshot: Document = {}
    published_at: Time | None = None
    source: str | None = None
    """`address/REF` or `paylink/REF`: what the order came of, where the business did not place it."""
    delivery_ms: int | None = Field(default=None, ge=0, lt=2**63)
    """Milliseconds from the payment to the delivery; None if it was not delivered, or nobody knows when it was paid."""
    hold: str | None = None
    """The hold that the order waits behind."""


class OrderKeyRow(Row):
    """A value by which an order is found.

    `kind` is `tx` for a transaction of it, `address` for a reusable address that it came of, `payer`, or
    `metadata:NAME`. Several orders may have the same key. `opened_at` is when the order was opened: a reference that
    was refused may be placed again, and then the keys of its first order no longer count.
    """

    account: str
    kind: str
    value: str
    workflow_id: str
    opened_at: Time


class SourceRow(Row):
    """A reusable address or a pay link as its workflow last published it; see `baton.orders.order_source`.

    `enabled` is False before Orchestra has created it, and after it was disabled. `reason` says why it was disabled or
    refused, `attention` why a person must look. Of two writes the higher revision stays, as with orders.
    """

    account: str
    kind: str
    reference: str
    workflow_id: str
    orchestra_id: str | None = None
    recipient: str | None = None
    """Who gets what its orders deliver; None of a standing address, whose deposits Orchestra lists by its reference."""
    label: str | None = None
    request: Document = {}
    metadata: dict[str, str] = {}
    policy: Document = {}
    enabled: bool
    created_at: Time
    disabled_at: Time | None = None
    reason: str | None = None
    attention: str | None = None
    revision: int = Field(ge=0, lt=2**63)
    snapshot: Document = {}


def recipient_in(request: Document) -> str | None:
    """Return the recipient that the request of an address or a link names; None of a standing address."""
    named = (request.get(name) for name in ("recipientSparkAddress", "destinationAddress", "recipientAddress"))
    return next((recipient for recipient in named if isinstance(recipient, str)), None)


class SourceAddressRow(Row):
    """A deposit address of a source on one chain, since Orchestra gave it."""

    account: str
    chain: str
    address: str
    kind: str
    reference: str
    since: Time


class RowState(Row):
    """The state that an order's row shows, in short."""

    workflow_id: str
    phase: str
    status: str | None = None
    outcome: str | None = None
    revision: int


class TransitionRow(Row):
    """One status of an order's timeline.

    `position` counts the statuses that the workflow recorded, from 0; late ones have none. `at` is None if the source
    gave no time, which happens only for the first status.
    """

    workflow_id: str
    order_id: str | None = None
    position: int | None = Field(default=None, ge=0, lt=2**31)
    status: str
    at: Time | None = None
    source: str


class EventRow(Row):
    """One event of an order, as the feed and the notifications carry it.

    `seq` counts the events in the order in which they were committed; the ledger assigns it, and `written_at`. `id` is
    the same whenever the event is made. `position` counts the order's statuses from its beginning; other events have
    none. `data` is the order in short, as it was when the event was written.
    `trace` is the order's trace, as the value of a `traceparent` header.
    """

    seq: int | None = None
    id: str
    workflow_id: str
    account: str
    reference: str
    type: str
    position: int | None = None
    occurred_at: Time
    written_at: Time | None = None
    data: Document = {}
    trace: str | None = None


class CreditRow(Row):
    """An accepted ZeroConf offer: sats credited before the deposit was confirmed."""

    account: str
    offer_id: str
    workflow_id: str
    order_id: str
    sats: int = Field(ge=0)
    credited_at: Time


class FeePayoutRow(Row):
    """An app fee that an order paid; `payout` names it within the order.

    `recipient_amount` is what the affiliate, or the recipient that the order names itself, earned by it, in smallest
    units of the asset. What the order does not say is None.
    """

    account: str
    order_id: str
    payout: str
    workflow_id: str
    affiliate_id: str | None = None
    chain: str | None = None
    asset: str | None = None
    amount: Amount | None = None
    recipient_amount: Amount | None = None
    tx_hash: str | None = None
    recorded_at: Time | None = None


class DeliveryRow(Row):
    """One webhook delivery with a valid signature. The same event delivered twice makes two rows.

    `id` is assigned by the ledger. `workflow_id` is None for a delivery that no order of ours claims.
    """

    id: int | None = None
    account: str
    workflow_id: str | None = None
    order_id: str | None = None
    quote_id: str | None = None
    event: str
    status: str | None = None
    event_timestamp: Time | None = None
    received_at: Time
    disposition: Disposition
    detail: str | None = None
    body: bytes | None = Field(default=None, repr=False)
    """The whole webhook, compressed by zlib, where its order carries only a part of it. Lists leave it out."""
