"""The orders of the demo, as order documents.

There is one for each kind of source, and some that leave the happy path. A demo on real chains has instead one order
for each chain with a node.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from baton.orders.models import Outcome


class Noticed(StrEnum):
    """Who detects the deposit of an order."""

    APP = "business app"
    """It reports its deposit."""
    ORCHESTRA = "orchestra"
    """It detects the deposit by itself, and nobody submits it."""
    BATON = "baton"
    """It sees the deposit on the chain and submits it; nobody reports anything."""


_LIGHTNING_ENDS = {
    "sourceChain": "lightning",
    "sourceAsset": "BTC",
    "destinationChain": "lightning",
    "destinationAsset": "BTC",
}
_IMPLIED_ENDS: Mapping[str | None, Mapping[str, str]] = {
    "accumulation": {"destinationChain": "spark"},
    "liquidation": {"sourceChain": "bitcoin", "sourceAsset": "BTC"},
}
"""What documents leave out: addresses by their type one end; onramps and pay links their source, off-ramps their
destination."""


class Origin(StrEnum):
    """How an order comes about."""

    PLACED = "placed"
    """The business app places it."""
    PAYLINK = "paylink"
    """The business app creates a pay link, and a payer visits it."""
    ADDRESS = "address"
    """The business app creates a reusable address, and a payer sends there."""


@dataclass(frozen=True)
class Showpiece:
    """One order of the demo.

    Attributes:
        name: The kind of source; part of the reference.
        document: The document of the order, or of the address or link that it comes of, without its reference.
        noticed_by: Who detects the deposit.
        scenario: The sandbox's scenario; None for the happy path.
        ends: The expected outcome.
        origin: How the order comes about.
        amount: What the payer sends to a reusable address, in smallest units.
    """

    name: str
    document: dict[str, Any]
    noticed_by: Noticed = Noticed.APP
    scenario: str | None = None
    ends: Outcome = Outcome.COMPLETED
    origin: Origin = Origin.PLACED
    amount: int | None = None

    @property
    def reported(self) -> bool:
        """Whether the business app reports the deposit."""
        return self.noticed_by is Noticed.APP

    @property
    def route(self) -> str:
        """The route in short."""
        document = {**_IMPLIED_ENDS.get(self.document.get("type"), _LIGHTNING_ENDS), **self.document}
        source = f"{document['sourceChain']}:{document['sourceAsset']}"
        return f"{source} → {document['destinationChain']}:{document['destinationAsset']}"


_EVM = "0x52908400098527886E0F7030069857D2E4169EE7"
_SOLANA = "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV"
_SPARK = "spark1pgssy7d7vel0nh9m4326qc54e6rskpczn07dktww9rv4nu5ptvt0s9uc489gg2"
_BITCOIN = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"


def _order(source: str, destination: str, amount: int, recipient: str, **rest: Any) -> dict[str, Any]:
    source_chain, source_asset = source.split(":")
    destination_chain, destination_asset = destination.split(":")
    return {
        "sourceChain": source_chain,
        "sourceAsset": source_asset,
        "destinationChain": destination_chain,
        "destinationAsset": destination_asset,
        "amount": str(amount),
        "recipientAddress": recipient,
        **rest,
    }


SHOWPIECES = (
    Showpiece("stablecoin", _order("base:USDC", "spark:BTC", 100_000_000, _SPARK)),
    Showpiece("spark", _order("spark:BTC", "base:USDC", 150_000, _EVM)),
    Showpiece("bitcoin", _order("bitcoin:BTC", "solana:USDC", 250_000, _SOLANA, zeroconfEnabled=False)),
    Showpiece("lightning", _order("lightning:BTC", "spark:USDB", 100_000, _SPARK), noticed_by=Noticed.ORCHESTRA),
    Showpiece("other-chain", _order("solana:USDC", "bitcoin:BTC", 75_000_000, _BITCOIN)),
)

BRANCHES = (
    Showpiece(
        "zeroconf",
        _order("bitcoin:BTC", "solana:USDC", 250_000, _SOLANA, policy={"zeroconf": {"mode": "decide"}}),
        scenario="zeroconf_accept_path",
    ),
    Showpiece(
        "reprice",
        _order("base:USDC", "spark:BTC", 50_000_000, _SPARK, policy={"reprice": {"mode": "approve"}}),
        scenario="reprice_pending",
    ),
    Showpiece(
        "refund",
        _order("base:USDC", "spark:BTC", 30_000_000, _SPARK),
        scenario="refund_slippage",
        ends=Outcome.REFUNDED,
    ),
    Showpiece(
        "onramp",
        {
            "kind": "onramp",
            "destinationChain": "spark",
            "destinationAsset": "USDB",
            "recipientAddress": _SPARK,
            "amountFiatUsd": "25.00",
        },
        noticed_by=Noticed.ORCHESTRA,
    ),
    Showpiece(
        "offramp",
        {
            "kind": "offramp",
            "sourceChain": "base",
            "sourceAsset": "USDC",
            "amount": "50000000",
            "recipientAddress": "$jane",
            "refundAddress": _EVM,
        },
    ),
    Showpiece(
        "pay-link",
        {
            "destinationChain": "base",
            "destinationAsset": "USDC",
            "recipientAddress": _EVM,
            "amountOut": "25000000",
            "label": "Coffee",
        },
        noticed_by=Noticed.ORCHESTRA,
        origin=Origin.PAYLINK,
    ),
    Showpiece(
        "accumulation",
        {
            "type": "accumulation",
            "sourceChain": "base",
            "sourceAsset": "USDC",
            "destinationAsset": "BTC",
            "recipientSparkAddress": _SPARK,
        },
        noticed_by=Noticed.ORCHESTRA,
        origin=Origin.ADDRESS,
        amount=40_000_000,
    ),
    Showpiece(
        "liquidation",
        {
            "type": "liquidation",
            "destinationChain": "base",
            "destinationAsset": "USDC",
            "destinationAddress": _EVM,
            "policy": {"zeroconf": {"mode": "decide"}},
        },
        noticed_by=Noticed.ORCHESTRA,
        scenario="zeroconf_accept_path",
        origin=Origin.ADDRESS,
        amount=120_000,
    ),
)
"""Orders off the happy path: credited before a confirmation, asked about a worse price, refunded, paid in an app, paid
out to an app, paid through a link, paid to an address that takes many deposits."""

ON_CHAIN: Mapping[str, Showpiece] = {
    chain: Showpiece(f"on-{chain}", document, noticed_by=Noticed.BATON)
    for chain, document in (
        ("base", _order("base:USDC", "spark:BTC", 100_000_000, _SPARK)),
        ("solana", _order("solana:USDC", "spark:BTC", 75_000_000, _SPARK)),
        ("bitcoin", _order("bitcoin:BTC", "spark:USDB", 250_000, _SPARK, zeroconfEnabled=False)),
    )
}
"""The orders of the demo on real chains, by source chain."""
