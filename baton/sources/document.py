"""A reusable address as people write it: a JSON document with the partner API's own field names. Strict, at the edge.

A document adds `type`, `reference`, `account`, `metadata` and `policy` to the fields of the API's request. A wrong
field is refused here, with its name and the remedy.
"""

import json
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from baton.errors import DocumentError, FieldFault
from baton.orchestra.address_models import (
    AccumulationRequest,
    AddressDestination,
    LiquidationRequest,
    StandingRequest,
)
from baton.orchestra.models import Wire
from baton.orchestra.rules.addresses import AddressRequest, address_objections
from baton.orchestra.rules.reprice import RepricePolicy
from baton.orchestra.rules.zeroconf import ZeroConfPolicy
from baton.orders.complaints import check_texts, faults_of
from baton.orders.models import OrderPolicy
from baton.orders.names import REFERENCE
from baton.orders.texts import Label, Metadata, Name, NotBlank
from baton.sources.create_source import ACCUMULATION, ADDRESS_TYPES, LIQUIDATION, STANDING, CreateSource

_STRICT = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

_CORRECT = "correct it and create it again"


class SourcePolicyDocument(Wire):
    """What the business decides in advance about the orders that come of a source."""

    model_config = _STRICT

    zeroconf: ZeroConfPolicy | None = None
    reprice: RepricePolicy | None = None
    refund_held: bool = False

    def policy(self) -> OrderPolicy:
        """Return the policy of its orders."""
        return OrderPolicy(zeroconf=self.zeroconf, reprice=self.reprice, refund_held=self.refund_held)


class SourceDocument(Wire):
    """Fields that addresses and links add to those of the partner API."""

    model_config = _STRICT

    reference: str = Field(pattern=REFERENCE)
    account: str = Field(default="default", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    label: Label | None = None
    metadata: Metadata = Field(default={})
    policy: SourcePolicyDocument = SourcePolicyDocument()


class _AddressDocument(SourceDocument):
    """What the documents of all types of addresses share."""

    @model_validator(mode="after")
    def _rules(self) -> Self:
        objections = address_objections(self._request())
        if objections:
            raise ValueError(", ".join(objections))
        return self

    def _request(self) -> AddressRequest:
        raise NotImplementedError

    def source(self) -> CreateSource:
        """Return the address to create."""
        return CreateSource(
            account=self.account,
            reference=self.reference,
            request=self._request(),
            label=self.label,
            metadata=self.metadata,
            policy=self.policy.policy(),
        )


class AccumulationDocument(_AddressDocument):
    """An address whose deposits from one chain are delivered to Spark."""

    type: Literal["accumulation"] = ACCUMULATION
    source_chain: Name
    source_asset: Name
    destination_asset: Name
    recipient_spark_address: NotBlank = Field(max_length=200)
    fee_bps: int | None = None
    slippage_bps: int | None = None
    refund_addresses: dict[str, NotBlank] | None = Field(default=None, max_length=40)

    def _request(self) -> AccumulationRequest:
        return AccumulationRequest(**{name: getattr(self, name) for name in AccumulationRequest.model_fields})


class LiquidationDocument(_AddressDocument):
    """A Bitcoin address whose deposits are delivered as another asset."""

    type: Literal["liquidation"] = LIQUIDATION
    destination_chain: Name
    destination_asset: Name
    destination_address: NotBlank = Field(max_length=200)
    zeroconf_enabled: bool | None = None
    fee_bps: int | None = None
    slippage_bps: int | None = None

    @model_validator(mode="after")
    def _policy_fits(self) -> Self:
        if self.zeroconf_enabled is False and self.policy.zeroconf is not None:
            raise ValueError("policy.zeroconf has no use where zeroconfEnabled is false; leave one of them out")
        return self

    def _request(self) -> LiquidationRequest:
        return LiquidationRequest(**{name: getattr(self, name) for name in LiquidationRequest.model_fields})


class DestinationDocument(AddressDestination):
    """Where a standing address delivers."""

    model_config = _STRICT

    chain: Name
    asset: Name
    address: NotBlank = Field(max_length=200)


class StandingDocument(_AddressDocument):
    """An address on many chains under the business's own reference."""

    type: Literal["standing"] = STANDING
    destination: DestinationDocument
    slippage_bps: int | None = None
    affiliate_ids: list[Annotated[str, Field(min_length=1, max_length=64)]] | None = Field(default=None, max_length=16)
    refund_addresses: dict[str, NotBlank] | None = Field(default=None, max_length=40)

    def _request(self) -> StandingRequest:
        fields = {name: getattr(self, name) for name in StandingRequest.model_fields}
        return StandingRequest(**{**fields, "destination": AddressDestination(**dict(self.destination))})


AddressDocument = AccumulationDocument | LiquidationDocument | StandingDocument
"""One reusable address to create, of any type."""

_DOCUMENTS: dict[str, type[AddressDocument]] = {
    ACCUMULATION: AccumulationDocument,
    LIQUIDATION: LiquidationDocument,
    STANDING: StandingDocument,
}


def read_address_document(document: str | bytes | dict[str, Any]) -> AddressDocument:
    """Read the document of a reusable address.

    Args:
        document: JSON text, or the object it stands for.

    Raises:
        DocumentError: It is not JSON, or a field is missing, unknown or wrong.
    """
    content = document_content(document)
    kind = content.get("type") if isinstance(content, dict) else None
    if not isinstance(kind, str) or kind not in _DOCUMENTS:
        message = f"type: must be one of {', '.join(ADDRESS_TYPES)}"
        raise DocumentError(message, "add it and create it again", [FieldFault("type", message)])
    try:
        return _DOCUMENTS[kind].model_validate(content)
    except ValidationError as error:
        raise source_document_error(error, "a reusable address", _DOCUMENTS[kind]) from None


def source_document_error(error: ValidationError, what: str, document: type[SourceDocument]) -> DocumentError:
    """Return the error that names every wrong field of a document.

    Args:
        error: What the model found.
        what: What the document describes, for a field that it does not have.
        document: The model of the document.
    """
    models: tuple[type[BaseModel], ...] = (document, SourcePolicyDocument, RepricePolicy, ZeroConfPolicy)
    known = [field.alias or name for model in models for name, field in model.model_fields.items()]
    faults = faults_of(error, what, known)
    message, _, remedy = faults[0].message.partition("; ") if len(faults) == 1 else ("", "", "")
    if len(faults) > 1:
        complaints = ", ".join(fault.message for fault in faults)
        message = f"{len(faults)} fields are wrong: {complaints}".replace("; ", ", ")
    return DocumentError(message, remedy or _CORRECT, faults)


def document_content(document: str | bytes | dict[str, Any]) -> Any:
    """Return what a document's JSON text stands for.

    Raises:
        DocumentError: It is not JSON.
    """
    try:
        content = document if isinstance(document, dict) else json.loads(document)
    except ValueError as error:
        raise DocumentError(f"the document is not JSON: {error}", _CORRECT) from None
    if isinstance(content, dict):
        check_texts(content)
    return content
