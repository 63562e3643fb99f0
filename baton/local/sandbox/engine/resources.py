"""Reusable addresses and pay links, which a partner sets up once and which make orders later; and fiat amounts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from baton.local.sandbox.engine.assets import DOLLAR
from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.payees import Payee
from baton.local.sandbox.engine.pricing import PricedAppFee
from baton.local.sandbox.engine.routes import SandboxRoute


class AddressKind(StrEnum):
    """Kinds of reusable deposit addresses, by the name of their endpoint."""

    ACCUMULATION = "accumulation"
    LIQUIDATION = "liquidation"


@dataclass
class ReusableAddress:
    """An address of which each deposit becomes an order, without a quote.

    Attributes:
        id: `acc_...` or `liq_...`.
        kind: Its purpose: collect assets on Spark, or sell bitcoin.
        partner: Its owner.
        label: The partner's name for it.
        route: Route of every deposit.
        recipient: Address that gets the output.
        refund_address: Address that gets refunds, if known.
        slippage_bps: Slippage bound of every order, in basis points.
        app_fees: The partner's own fee, if any.
        zeroconf: Whether Bitcoin deposits may get a ZeroConf offer.
        deposit_address: Address to pay.
        spark_address: Address where deposits are collected.
        created_at: Time of its creation.
        enabled: Whether deposits still become orders.
    """

    id: str
    kind: AddressKind
    partner: str
    label: str | None
    route: SandboxRoute
    recipient: str
    refund_address: str | None
    slippage_bps: int
    app_fees: tuple[PricedAppFee, ...]
    zeroconf: bool
    deposit_address: str
    spark_address: str
    created_at: datetime
    enabled: bool = True

    @property
    def payee(self) -> Payee:
        """Return what a payer pays."""
        source = self.route.source
        return Payee(
            id=self.id,
            partner=self.partner,
            chain=source.chain,
            deposit_address=self.deposit_address,
            routes={source.symbol: self.route},
            recipient=self.recipient,
            refund_address=self.refund_address,
            slippage_bps=self.slippage_bps,
            app_fees=self.app_fees,
            zeroconf=self.zeroconf,
            enabled=self.enabled,
        )

    @property
    def document(self) -> dict[str, Any]:
        """Return the address as its endpoint writes it."""
        shared = {
            "label": self.label,
            "slippageBps": self.slippage_bps,
            "feeBps": sum(fee.bps for fee in self.app_fees),
            "appFees": [{"recipient": fee.recipient, "fee": fee.bps} for fee in self.app_fees],
            "enabled": self.enabled,
            "createdAt": iso(self.created_at),
        }
        own = self._accumulation if self.kind is AddressKind.ACCUMULATION else self._liquidation
        return own | shared

    @property
    def _accumulation(self) -> dict[str, Any]:
        source = self.route.source
        return {
            "accumulationAddressId": self.id,
            "depositAddress": self.deposit_address,
            "sourceChain": source.chain.name,
            "sourceAsset": source.symbol,
            "destinationAsset": self.route.destination.symbol,
            "recipientSparkAddress": self.recipient,
            "refundAddresses": {source.chain.name: self.refund_address} if self.refund_address else {},
            "subscriptions": [],
        }

    @property
    def _liquidation(self) -> dict[str, Any]:
        destination = self.route.destination
        return {
            "liquidationAddressId": self.id,
            "l1DepositAddress": self.deposit_address,
            "sparkAddress": self.spark_address,
            "destination": {
                "chain": destination.chain.name,
                "asset": destination.symbol,
                "address": self.recipient,
            },
            "zeroconfEnabled": self.zeroconf,
        }


@dataclass(frozen=True)
class FiatAmount:
    """An amount in US cents, and the spot price that converted it into sats, in millionths of a dollar per bitcoin."""

    cents: int
    spot: int

    @property
    def fields(self) -> dict[str, str]:
        """Return the amount as records write it."""
        return {
            "amountFiatUsd": f"{self.cents // 100}.{self.cents % 100:02d}",
            "amountFiatCurrency": "USD",
            "spotUsdPerBtc": f"{self.spot // DOLLAR}.{self.spot % DOLLAR // 10_000:02d}",
        }


@dataclass
class SandboxPayLink:
    """A link of which each click makes an order with a new invoice.

    Attributes:
        id: `pl_...`.
        short_id: Code in the link's URL.
        partner: Its owner.
        body: The partner's request, validated, as the body of an onramp.
        label: The partner's name for it.
        created_at: Time of its creation.
        enabled: Whether clicks still make orders.
    """

    id: str
    short_id: str
    partner: str
    body: dict[str, Any]
    label: str | None
    created_at: datetime
    enabled: bool = True

    def document(self, base_url: str) -> dict[str, Any]:
        """Return the link as the API writes it."""
        return {
            "id": self.id,
            "shortId": self.short_id,
            "shortUrl": short_url(base_url, self.short_id),
            "label": self.label,
            "destinationChain": self.body["destinationChain"],
            "destinationAsset": self.body["destinationAsset"],
            "recipientAddress": self.body["recipientAddress"],
            "amountOut": self.body.get("amount"),
            "amountFiatUsd": self.body.get("amountFiatUsd"),
            "affiliateId": self.body.get("affiliateId"),
            "enabled": self.enabled,
            "createdAt": iso(self.created_at),
        }


def short_url(base_url: str, code: str) -> str:
    """Return the short URL of a code."""
    return f"{base_url}/pay/{code}"


def payment_app_link(invoice: str) -> str:
    """Return the link that opens an invoice in the payment app."""
    return f"https://cash.app/launch/lightning/{invoice}"
