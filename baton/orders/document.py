"""The order as people write it: a JSON document with the partner API's own field names. Strict, at the edge only.

A document adds `reference`, `account`, `kind`, `policy` and `metadata` to the fields of a quote request, an onramp or
an off-ramp. A wrong field is refused here, with its name and the remedy. The partner API judges routes and prices.
"""

import json
import secrets
from datetime import timedelta
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from baton.chains.decimals import decimals_of
from baton.encoding.suggestions import did_you_mean
from baton.errors import DocumentError
from baton.orchestra.models import QuoteRequest, Wire
from baton.orchestra.offramp_models import OfframpRequest
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.rules import offramp, onramp, swap
from baton.orchestra.rules.reprice import RepricePolicy
from baton.orchestra.rules.zeroconf import ZeroConfPolicy
from baton.orders.amount_text import DecimalsOf, with_smallest_units
from baton.orders.broken_rules import broken_rules
from baton.orders.complaints import check_texts, faults_of
from baton.orders.models import OnQuoteExpiry, OrderPolicy, Payer
from baton.orders.names import REFERENCE
from baton.orders.place_order import OFFRAMP, ONRAMP, SWAP, PlaceOrder, Request
from baton.orders.texts import Metadata, Name, NotBlank

_STRICT = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


MAX_TEXT = 4_096
"""Longest text of an order, in characters; the invoices of Lightning are the longest."""

_AMOUNT_COMPLAINT = "amount_complaint"
"""What the context of a validation calls the complaint about an amount that cannot be read."""

MAX_FEES = 16
"""How many fees or affiliates Orchestra takes."""


class PolicyDocument(Wire):
    """What the business decides in advance; `depositWindow` in seconds or as an ISO 8601 duration."""

    model_config = _STRICT

    on_quote_expiry: OnQuoteExpiry = OnQuoteExpiry.WAIT
    max_requotes: int = Field(default=3, ge=0, le=50)
    deposit_window: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0), le=timedelta(days=30))
    zeroconf: ZeroConfPolicy | None = None
    reprice: RepricePolicy | None = None
    submit_at: Literal["seen", "confirmed", "final"] | None = None


class _Placed(Wire):
    """Fields that every kind of order adds to those of the partner API."""

    model_config = _STRICT

    reference: str = Field(default_factory=lambda: f"baton-{secrets.token_hex(8)}", pattern=REFERENCE)
    account: str = Field(default="default", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    policy: PolicyDocument = PolicyDocument()
    metadata: Metadata = Field(default={})
    _amount_decimals: int | None = PrivateAttr(default=None)
    """As in `PlaceOrder`."""

    @field_validator("amount", mode="before", check_fields=False)
    @classmethod
    def _readable(cls, value: Any, info: ValidationInfo) -> Any:
        if complaint := (info.context or {}).get(_AMOUNT_COMPLAINT):
            raise ValueError(complaint)
        return value

    @field_validator("*")
    @classmethod
    def _short_enough(cls, value: Any) -> Any:
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise ValueError(f"has {len(value)} characters; an order takes at most {MAX_TEXT}")
        if isinstance(value, list) and len(value) > MAX_FEES:
            raise ValueError(f"has {len(value)} entries; an order takes at most {MAX_FEES}")
        return value

    def _order(self, kind: str, request: Request, payer: Payer | None = None) -> PlaceOrder:
        policy = OrderPolicy(**dict(self.policy))
        return PlaceOrder(
            account=self.account,
            reference=self.reference,
            kind=kind,
            request=request,
            policy=policy,
            payer=payer,
            metadata=self.metadata,
            amount_decimals=self._amount_decimals,
        )

    def note_decimals(self, decimals: int | None) -> None:
        """Record by which decimals the amount was read, if it was in whole units."""
        self._amount_decimals = decimals


class SwapDocument(_Placed, QuoteRequest):
    """An order that the payer pays on a chain, in three steps: quote, deposit, submit."""

    model_config = _STRICT

    kind: Literal["swap"] = SWAP
    source_chain: Name
    source_asset: Name
    destination_chain: Name
    destination_asset: Name
    recipient_address: NotBlank
    slippage_bps: int | None = Field(default=None, ge=0, le=1000)
    amount_mode: str | None = Field(default=None, pattern="^(exact_in|exact_out)$")
    delivery_mode: str | None = Field(default=None, pattern="^(variable|fixed)$")

    @field_validator("amount")
    @classmethod
    def _positive(cls, amount: int) -> int:
        if amount == 0:
            raise ValueError("must be above 0, in smallest units")
        return amount

    @model_validator(mode="after")
    def _rules(self) -> Self:
        for objection in swap.objections(self):
            raise ValueError(objection)
        return self

    def order(self) -> PlaceOrder:
        """Return the order to place."""
        return self._order(SWAP, QuoteRequest(**{name: getattr(self, name) for name in QuoteRequest.model_fields}))


class OnrampDocument(_Placed, OnrampRequest):
    """An order that the payer pays over Lightning in a payment app; one call quotes and submits it."""

    model_config = _STRICT

    kind: Literal["onramp"] = ONRAMP
    destination_chain: Name
    destination_asset: Name
    recipient_address: NotBlank
    payer: NotBlank | None = Field(default=None, max_length=128)
    payer_region: NotBlank | None = Field(default=None, max_length=64)

    @model_validator(mode="before")
    @classmethod
    def _from_lightning(cls, content: Any) -> Any:
        fields = dict(content)
        for name, allowed in (("sourceChain", "lightning"), ("sourceAsset", "BTC")):
            if fields.pop(name, allowed) != allowed:
                raise ValueError(f"{name}: an onramp is paid in BTC over Lightning; leave it out")
        return fields

    @model_validator(mode="after")
    def _rules(self) -> Self:
        onramp.check(self)
        return self

    def order(self) -> PlaceOrder:
        """Return the order to place."""
        request = OnrampRequest(**{name: getattr(self, name) for name in OnrampRequest.model_fields})
        payer = Payer(id=self.payer, region=self.payer_region) if self.payer or self.payer_region else None
        return self._order(ONRAMP, request, payer)


class OfframpDocument(_Placed, OfframpRequest):
    """An order that pays a Cash App name or a Lightning address; the payer deposits on a chain, as for a swap."""

    model_config = _STRICT

    kind: Literal["offramp"] = OFFRAMP
    source_chain: Name
    source_asset: Name
    recipient_address: NotBlank
    refund_address: NotBlank | None = None

    @model_validator(mode="before")
    @classmethod
    def _over_lightning(cls, content: Any) -> Any:
        fields = dict(content)
        for name, (allowed, remedy) in _FIXED_OF_OFFRAMPS.items():
            if fields.pop(name, allowed) != allowed:
                raise ValueError(f"{name}: {remedy}; leave it out")
        return fields

    @model_validator(mode="after")
    def _rules(self) -> Self:
        offramp.check(self)
        return self

    def order(self) -> PlaceOrder:
        """Return the order to place."""
        return self._order(
            OFFRAMP, OfframpRequest(**{name: getattr(self, name) for name in OfframpRequest.model_fields})
        )


_FIXED_OF_OFFRAMPS = {
    "destinationChain": ("lightning", "an off-ramp pays BTC over Lightning"),
    "destinationAsset": ("BTC", "an off-ramp pays BTC over Lightning"),
    "amountMode": ("exact_in", "an off-ramp is always exact_in"),
    "deliveryMode": ("variable", "an off-ramp's payout always varies with the price"),
}
"""Fields of a swap that an off-ramp does not have, with the one value that they could have."""

OrderDocument = SwapDocument | OnrampDocument | OfframpDocument
"""One order to place, of any kind."""

_KINDS: dict[str, type[SwapDocument] | type[OnrampDocument] | type[OfframpDocument]] = {
    SWAP: SwapDocument,
    ONRAMP: OnrampDocument,
    OFFRAMP: OfframpDocument,
}


def read_document(document: str | bytes | dict[str, Any], known: DecimalsOf = decimals_of) -> OrderDocument:
    """Read an order document.

    Args:
        document: JSON text, or the object it stands for.
        known: The decimals of assets, for an amount in whole units; without it those of the shipped catalogue count.

    Raises:
        DocumentError: It is not JSON, or a field is missing, unknown or wrong.
    """
    content = _content(document)
    kind = _kind_of(content)
    amount = with_smallest_units(content, known)
    try:
        read = kind.model_validate(amount.content, context={_AMOUNT_COMPLAINT: amount.complaint})
    except ValidationError as error:
        raise _document_error(error, kind, amount.content) from None
    read.note_decimals(amount.decimals)
    return read


def _content(document: str | bytes | dict[str, Any]) -> dict[str, Any]:
    """Return the object that a document is.

    Raises:
        DocumentError: It is no JSON, or no object.
    """
    try:
        content = document if isinstance(document, dict) else json.loads(document)
    except ValueError as error:
        raise DocumentError(f"the order is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise DocumentError("the order must be one JSON object; write its fields between { and }")
    check_texts(content)
    return content


def _kind_of(content: dict[str, Any]) -> type[SwapDocument] | type[OnrampDocument] | type[OfframpDocument]:
    kind = content.get("kind", SWAP)
    document = _KINDS.get(kind) if isinstance(kind, str) else None
    if document is None:
        remedy = did_you_mean(str(kind), _KINDS, "leave it out for a swap")
        raise DocumentError(f"kind: must be swap, onramp or offramp; {remedy}")
    return document


def _document_error(error: ValidationError, kind: type[_Placed], content: dict[str, Any]) -> DocumentError:
    """Return the error that names every wrong field and broken rule, with the remedy of a single one."""
    faults = faults_of(error, "an order", _names(kind, PolicyDocument, RepricePolicy, ZeroConfPolicy))
    wrong = {str(found["loc"][0]) for found in error.errors() if found["loc"]}
    said = {fault.message for fault in faults}
    rules = broken_rules(content.get("kind", SWAP), content, wrong)
    faults += [fault for fault in rules if fault.message not in said]
    if len(faults) == 1:
        return DocumentError(faults[0].message, fields=faults)
    complaints = ", ".join(fault.message for fault in faults)
    text = f"{len(faults)} fields are wrong: {complaints}".replace("; ", ", ")
    return DocumentError(text, "correct them and place the order again", faults)


def _names(*models: type[BaseModel]) -> list[str]:
    return [field.alias or name for model in models for name, field in model.model_fields.items()]
