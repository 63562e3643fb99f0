"""Wire models of the partner API's calls around an order: onramp, decisions, history and routes.

Source: the partner API reference, endpoints.
"""

from typing import Annotated

from pydantic import Field

from baton.encoding.amounts import Amount, TolerantTime
from baton.orchestra.models import AffiliateFee, AppFee, Document, KeyedAnswer, OrderRecord, Quote, Text, Wire
from baton.orchestra.tolerant import Route, TolerantCount, optional, readable


class OnrampRequest(Wire):
    """Body of `POST /v1/orchestration/onramp`: a Lightning payment in, quoted and submitted in one call.

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
        """Return where the payment comes from: an onramp is always paid over Lightning."""
        return "lightning"

    @property
    def source_asset(self) -> str:
        """Return what is paid."""
        return "BTC"


class PaymentLinks(Wire):
    """Links that open the invoice in a payer's app."""

    cash_app: Text = None
    short_url: Text = None


class OnrampCreated(Quote):
    """Answer of `POST /v1/orchestration/onramp`: a quote whose order exists already; the address is an invoice."""

    order_id: str = Field(min_length=1)
    payment_links: Annotated[PaymentLinks | None, optional(PaymentLinks)] = None
    spot_usd_per_btc: Text = None
    effective_slippage_bps: TolerantCount = None
    ignored_fields: Route = Field(default=[])


class OnrampPaused(KeyedAnswer):
    """Answer of `POST /v1/orchestration/onramp` with 202: an order without an invoice, held back for a review."""

    order_id: str = Field(min_length=1)
    status: Text = "paused"


class ZeroConfDecision(Wire):
    """Body of `POST /v1/orchestration/zeroconf/accept` and `/decline`; only a decline has a reason."""

    order_id: str
    reason: str | None = None


class ZeroConfDecided(KeyedAnswer):
    """Answer to a ZeroConf decision: the status that the order moves to."""

    order_id: str = Field(min_length=1)
    status: str = Field(min_length=1)


class RepriceDecided(KeyedAnswer):
    """Answer to a reprice decision. Only two of the three are documented, so nothing in it is certain."""

    order_id: Text = None
    status: Text = None


class OrderHistory(Wire):
    """Answer of `GET /v1/orchestration/history`; orders that cannot be read are left out."""

    orders: Annotated[list[OrderRecord], readable(OrderRecord)]


class RouteAsset(Wire):
    """One asset of `GET /v2/orchestration/routes`. `route` tells what it can become, as sets of `chain:asset`."""

    id: str = Field(min_length=1)
    chain: str
    asset: str
    decimals: int = Field(ge=0)
    contract_address: Text = None
    chain_id: Text = None
    asset_display_name: Text = None
    asset_display_symbol: Text = None
    chain_display_name: Text = None
    chain_icon: Text = None
    route: Document = None


class WebhookEndpoint(Wire):
    """One registered webhook endpoint."""

    id: str
    url: str
    enabled: bool = True
    created_at: TolerantTime = None


class WebhookList(Wire):
    """Answer of `GET /v1/webhooks`."""

    webhooks: list[WebhookEndpoint]


class CreatedWebhook(KeyedAnswer):
    """Answer of `POST /v1/webhooks`. The secret is told here and never again."""

    webhook_id: str
    secret: str = Field(repr=False)
