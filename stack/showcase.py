"""The orders of the demo: one for each of the five kinds of source, as order documents."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Showpiece:
    """One order of the demo.

    Attributes:
        name: Kind of source, part of the reference.
        document: The order document without its reference.
        reported: The business app reports the deposit; otherwise Orchestra sees it by itself.
    """

    name: str
    document: dict[str, Any]
    reported: bool = True

    @property
    def route(self) -> str:
        """Return the route in short."""
        told = self.document
        return f"{told['sourceChain']}:{told['sourceAsset']} → {told['destinationChain']}:{told['destinationAsset']}"


_EVM = "0x52908400098527886E0F7030069857D2E4169EE7"
_SOLANA = "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV"
_SPARK = "spark1pgssyuuuhnrrdjswal5c3s3rafw9w3y5dd4cjy3duxlf7hjzkp0rqx6dj6mrhu"
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
    Showpiece("lightning", _order("lightning:BTC", "spark:USDB", 100_000, _SPARK), reported=False),
    Showpiece("other-chain", _order("solana:USDC", "bitcoin:BTC", 75_000_000, _BITCOIN)),
)
