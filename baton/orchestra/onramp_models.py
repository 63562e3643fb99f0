"""Request and answers of an onramp. Source: the partner API reference, onramp."""

from typing import Annotated

from pydantic import Field

from baton.encoding.amounts import Amount
from baton.orchestra.models import AffiliateFee, AppFee, Id, KeyedAnswer, Quote, Text, Wire
from baton.orchestra.tolerant_fields import Route, TolerantCount, optional


class OnrampRequest(Wire):
    """Body of `POST /v1/orchestration/onramp`: an order paid over Lightning, quoted and submitted in one call.

    Give `amount` (sats for `exact_in`, smallest destination units for `exact_out`) or `amount_fiat_usd` (`"25.00"`).
    """

    destination_chain: str
    destination_asset: str
    recipient_address: str
    amount: Amount | None = None
    amount_fiat_usd: str | None = None
    amount_mode: str | None = None
    refund_address: str | None = None
    slippage_bps: int | None = None
    app_fees: list[AppFee] | None = None
    affiliate_id: str | None = None
    affiliate_ids: list[str | AffiliateFee] | None = None

    @property
    def source_chain(self) -> str:
        """The chain that the payer pays on: an onramp is always paid over Lightning."""
        return "lightning"

    @property
    def source_asset(self) -> str:
        """The asset that the payer pays with."""
        return "BTC"


class PaymentLinks(Wire):
    """Links that open the invoice in the payer's app."""

    cash_app: Text = None
    short_url: Text = None


class OnrampCreated(Quote):
    """Answer of `POST /v1/orchestration/onramp`: a quote and its order; the deposit address is the invoice."""

    order_id: Id
    payment_links: Annotated[PaymentLinks | None, optional(PaymentLinks)] = None
    spot_usd_per_btc: Text = None
    effective_slippage_bps: TolerantCount = None
    ignored_fields: Route = Field(default=[])


class OnrampPaused(KeyedAnswer):
    """Answer of `POST /v1/orchestration/onramp` with 202: the order is under review and has no invoice yet."""

    order_id: Id
    status: Text = "paused"
