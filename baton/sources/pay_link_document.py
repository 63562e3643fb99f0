"""A pay link as people write it: a JSON document with the partner API's own field names. Strict, at the edge.

A document adds `reference`, `account`, `metadata` and `policy` to the fields of the API's request. A wrong field is
refused here, with its name and the remedy.
"""

from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from baton.encoding.amounts import Amount
from baton.errors import DocumentError
from baton.orchestra.pay_link_models import PayLinkRequest
from baton.orchestra.rules.pay_links import pay_link_objections
from baton.orders.document import Name, NotBlank
from baton.orders.order_source import SourceKind
from baton.sources.create_source import CreateSource
from baton.sources.document import SourceDocument, document_content, source_document_error


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


def read_pay_link_document(document: str | bytes | dict[str, Any]) -> PayLinkDocument:
    """Read the document of a pay link.

    Args:
        document: JSON text, or the object it stands for.

    Raises:
        DocumentError: It is not JSON, or a field is missing, unknown or wrong.
    """
    content = document_content(document)
    if not isinstance(content, dict):
        raise DocumentError("the document must be one JSON object: the pay link", "write it as an object")
    try:
        return PayLinkDocument.model_validate(content)
    except ValidationError as error:
        raise source_document_error(error, "a pay link", PayLinkDocument) from None
