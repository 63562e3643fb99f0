"""What the ledger keeps, as immutable rows. Free of SQL, so that anything may import it.

Phases, statuses, outcomes and sources stay plain strings: the ledger shows what it was told and judges nothing.
Times are aware and read back in UTC. Amounts are ints in smallest units; in JSON they are strings of digits.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, PlainSerializer

LATE = "late"
"""Source of a transition that a webhook told after the order's workflow had closed."""

Disposition = Literal["handed_over", "late", "unclaimed"]
"""What became of a webhook delivery: given to its workflow, too late for it, or nobody's."""


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Time = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A point in time. A naive one is refused: the ledger would have to guess."""

Amount = Annotated[int, Field(ge=0), PlainSerializer(str, return_type=str, when_used="json")]
"""Exact amount in smallest units."""


Document = dict[str, JsonValue]
"""A document of JSON values, kept as it came."""


class Row(BaseModel):
    """Base of every row: immutable, and closed to fields that the ledger has no column for."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class QuoteEntry(Row):
    """Index entry of one quote: which workflow asked for it, and where its deposit goes."""

    account: str
    quote_id: str
    workflow_id: str
    deposit_address: str | None = None
    deposit_memo: str | None = None
    source_chain: str | None = None
    created_at: Time


class WatchRow(Row):
    """A deposit address that is watched on its chain, from the moment its quote was made."""

    account: str
    quote_id: str
    workflow_id: str
    chain: str
    address: str
    since: Time


class DepositRow(Row):
    """A deposit as a chain showed it; `position` tells the transfers of one transaction apart.

    `state` and `document` are the reader's own: the ledger shows what it was told and judges nothing.
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
    """What a payer was asked to pay for an onramp order, in US cents."""

    account: str
    order_id: str
    payer: str
    workflow_id: str
    cents: int = Field(ge=0, lt=2**63)
    asked_at: Time


class OrderRow(Row):
    """One order as its workflow last described it.

    `revision` grows with every description of the same workflow; of two writes the higher one stays, whichever comes
    first. `attention` holds the reason why a person must look, or None. `waiting_for` and `snapshot` are documents.
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


class TransitionRow(Row):
    """One status that an order was seen in.

    `position` counts the statuses that the workflow itself recorded, from 0; late ones have none. `at` is None where
    nobody told the time, which happens to the very first status only.
    """

    workflow_id: str
    order_id: str | None = None
    position: int | None = Field(default=None, ge=0, lt=2**31)
    status: str
    at: Time | None = None
    source: str


class CreditRow(Row):
    """A ZeroConf offer that was accepted: sats credited before the deposit confirmed."""

    account: str
    offer_id: str
    workflow_id: str
    order_id: str
    sats: int = Field(ge=0)
    credited_at: Time


class DeliveryRow(Row):
    """One webhook delivery whose signature held. The same event delivered twice makes two rows.

    `id` is given by the ledger. `workflow_id` is None for a delivery that no order of ours claims.
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
