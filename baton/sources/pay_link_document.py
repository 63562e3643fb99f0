"""A pay link as people write it: a JSON document with the partner API's own field names. Strict, at the edge.

A document adds `reference`, `account`, `metadata` and `policy` to the fields of the API's request. A wrong field is
refused here, with its name and the remedy.
"""

from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from baton.chains.decimals import decimals_of
from baton.encoding.amounts import Amount
from baton.errors import DocumentError, FieldFault
from baton.orchestra.pay_link_models import PayLinkRequest
from baton.orchestra.rules.pay_links import pay_link_objections
from baton.orders.amount_text import DecimalsOf, with_smallest_units
from baton.orders.order_source import SourceKind
from baton.orders.texts import Name, NotBlank
from baton.sources.create_source import CreateSource
from baton.sources.document import SourceDocument, document_content, source_document_error

_DELIVERED = {"kind": "onramp", "amountMode": "exact_out"}
_NOT_DOLLARS = "is what the recipient gets, in the asset; for US dollars from the payer use amountFiatUsd"


class PayLinkDocument(SourceDocument):
    """A link of which each visit makes an order that is paid over Lightning."""

    destination_chain: Name
    destination_asset: Name
    recipient_address: NotBlank = Field(max_length=200)
    amount_out: Amount | None = None
    amount_fiat_usd: str | None = Field(default=None, max_length=20)
    affiliate_id: str | None = Field(default=None, max_length=64)

    @model_validator(mode="after")
    def _rules(self) -> Self:
        objections = [f"{field}: {remedy}" for field, remedy in pay_link_objections(self._request())]
        if self.policy.zeroconf is not None:
            objections.append("policy.zeroconf: a payment over Lightning has no ZeroConf offer; leave it out")
        if objections:
            raise ValueError(", ".join(objections))
        return self

    def source(self) -> CreateSource:
        """Return the link to create."""
        return CreateSource(
            account=self.account,
            kind=SourceKind.PAYLINK,
            reference=self.reference,
            request=self._request(),
            label=self.label,
            metadata=self.metadata,
            policy=self.policy.policy(),
        )

    def _request(self) -> PayLinkRequest:
        return PayLinkRequest(**{name: getattr(self, name) for name in PayLinkRequest.model_fields})


def read_pay_link_document(document: str | bytes | dict[str, Any], known: DecimalsOf = decimals_of) -> PayLinkDocument:
    """Read the document of a pay link.

    Args:
        document: JSON text, or the object it stands for.
        known: The decimals of assets, for an amount in whole units; without it those of the shipped catalogue count.

    Raises:
        DocumentError: It is not JSON, or a field is missing, unknown or wrong.
    """
    content = document_content(document)
    if not isinstance(content, dict):
        raise DocumentError("the document must be one JSON object: the pay link", "write it as an object")
    try:
        return PayLinkDocument.model_validate(_in_smallest_units(content, known))
    except ValidationError as error:
        raise source_document_error(error, "a pay link", PayLinkDocument) from None


def _in_smallest_units(content: dict[str, Any], known: DecimalsOf) -> dict[str, Any]:
    """Return the document with an amount such as `10 USDC` in smallest units.

    Raises:
        DocumentError: It is no amount of the asset that the link delivers.
    """
    if not isinstance(content.get("amountOut"), str):
        return content
    # Read as what an order delivers exactly, which may be in dollars only where the payer's amount is meant.
    named = {name: content.get(name) for name in ("destinationChain", "destinationAsset")}
    amount = with_smallest_units({**named, "amount": content["amountOut"], **_DELIVERED}, known)
    complaint = _NOT_DOLLARS if "amountFiatUsd" in amount.content else amount.complaint
    if complaint is not None:
        message = f"amountOut: {complaint}"
        raise DocumentError(message, fields=[FieldFault("amountOut", message)])
    return {**content, "amountOut": amount.content["amount"]}
