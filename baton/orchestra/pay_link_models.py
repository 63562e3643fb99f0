"""Request and answers of pay links. Source: the partner API reference, pay links.

A link never expires, and its terms never change. Each visit makes an order with an invoice of its own.
"""

from typing import Annotated, Any

from pydantic import Field, model_validator

from baton.encoding.amounts import Amount, TolerantAmount, TolerantTime
from baton.orchestra.models import Id, KeyedAnswer, Label, Wire
from baton.orchestra.tolerant_fields import TolerantFlag, readable


class PayLinkRequest(Wire):
    """Body of `POST /v1/pay-links`.

    Give `amount_out` (smallest destination units, whole cents) or `amount_fiat_usd` (`"25.00"`).
    """

    destination_chain: str
    destination_asset: str
    recipient_address: str
    amount_out: Amount | None = None
    amount_fiat_usd: str | None = None
    label: str | None = None
    affiliate_id: str | None = None


class PayLink(KeyedAnswer):
    """A pay link as the API shows it; a field that is missing is None, and unknown."""

    id: Id
    short_id: Label = None
    short_url: Label = None
    label: Label = None
    destination_chain: Label = None
    destination_asset: Label = None
    recipient_address: Label = None
    amount_out: TolerantAmount = None
    amount_fiat_usd: Label = None
    affiliate_id: Label = None
    enabled: TolerantFlag = None
    created_at: TolerantTime = None

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, data: Any) -> Any:
        inner = data.get("payLink") if isinstance(data, dict) else None
        return inner if isinstance(inner, dict) else data


class PayLinkPage(Wire):
    """A page of pay links; entries that cannot be read are left out."""

    pay_links: Annotated[list[PayLink], readable(PayLink)] = Field(default=[])
