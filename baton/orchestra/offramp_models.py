"""Request of an off-ramp; its answer is a quote. Source: the partner API reference, off-ramp."""

from baton.encoding.amounts import Amount
from baton.orchestra.models import AffiliateFee, AppFee, QuoteRequest, Wire


class OfframpRequest(Wire):
    """Body of `POST /v1/orchestration/offramp`: pay BTC over Lightning to a Cash App name or a Lightning address.

    `amount` counts source units, smallest ones. The API refuses fields that it does not know.
    """

    source_chain: str
    source_asset: str
    amount: Amount
    recipient_address: str
    refund_address: str | None = None
    slippage_bps: int | None = None
    app_fees: list[AppFee] | None = None
    affiliate_id: str | None = None
    affiliate_ids: list[str | AffiliateFee] | None = None

    @property
    def destination_chain(self) -> str:
        """The chain that the recipient is paid on: an off-ramp always pays over Lightning."""
        return "lightning"

    @property
    def destination_asset(self) -> str:
        """The asset that the recipient gets; a payment app may turn it into dollars itself."""
        return "BTC"

    @property
    def amount_mode(self) -> str:
        """An off-ramp always fixes what goes in."""
        return "exact_in"

    def as_quote(self) -> QuoteRequest:
        """Return the same exchange as a quote request, for checks and prices."""
        ends = {"destinationChain": self.destination_chain, "destinationAsset": self.destination_asset}
        return QuoteRequest.model_validate({**self.wire(), **ends})
