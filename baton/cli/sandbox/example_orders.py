"""Orders to place where only a scenario was given. Their recipients are nobody's, and the sandbox moves no money."""

from collections.abc import Mapping
from typing import Any

_SPARK = "spark1pgssy7d7vel0nh9m4326qc54e6rskpczn07dktww9rv4nu5ptvt0s9uc489gg2"
_SOLANA = "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV"

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "any": {
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "destinationChain": "spark",
        "destinationAsset": "BTC",
        "amount": "100000000",
        "recipientAddress": _SPARK,
    },
    "bitcoin": {
        "sourceChain": "bitcoin",
        "sourceAsset": "BTC",
        "destinationChain": "solana",
        "destinationAsset": "USDC",
        "amount": "250000",
        "recipientAddress": _SOLANA,
    },
    "onramp": {
        "kind": "onramp",
        "destinationChain": "spark",
        "destinationAsset": "USDB",
        "recipientAddress": _SPARK,
        "amountFiatUsd": "25.00",
    },
}
"""One order for each kind of orders that scenarios are about."""

ROUTE_OPTIONS = (
    "file",
    "kind",
    "source_chain",
    "source_asset",
    "destination_chain",
    "destination_asset",
    "amount",
    "amount_fiat_usd",
    "recipient_address",
)
"""The options of `baton start` of which each describes an order, so that no example is placed."""
