"""The sandbox's market, as data: chains, assets, prices and fees.

Decimals, contracts and chain ids are those of the partner API reference; prices are invented but plausible. A new
asset needs a new row only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class SandboxFamily(StrEnum):
    """Families of chains; the chains of one share an address format and a form of deposit evidence."""

    EVM = "evm"
    SOLANA = "solana"
    TRON = "tron"
    SPARK = "spark"
    BITCOIN = "bitcoin"
    LIGHTNING = "lightning"


class Kind(StrEnum):
    """Kinds of assets for pricing: bitcoin, a dollar, or a coin with its own price."""

    BTC = "btc"
    STABLE = "stable"
    COIN = "coin"


@dataclass(frozen=True)
class SandboxChain:
    """A chain as the API names it. `chain_id` is the wire form, None where the API has none."""

    name: str
    title: str
    family: SandboxFamily
    chain_id: str | None = None

    @property
    def is_foreign(self) -> bool:
        """Whether funds must be bridged between this chain and Spark."""
        return self.family in (SandboxFamily.EVM, SandboxFamily.SOLANA, SandboxFamily.TRON)


@dataclass(frozen=True)
class Asset:
    """An asset on one chain. Its smallest unit is 10 to the minus `decimals`."""

    chain: SandboxChain
    symbol: str
    decimals: int
    kind: Kind
    contract: str | None = None

    @property
    def unit(self) -> int:
        """Return how many smallest units make one whole asset."""
        return int(10**self.decimals)

    @property
    def cent(self) -> int | None:
        """Return how many smallest units make one US cent; None if the asset is not a dollar."""
        return self.unit // 100 if self.kind is Kind.STABLE else None


CHAINS: Mapping[str, SandboxChain] = {
    chain.name: chain
    for chain in (
        SandboxChain("base", "Base", SandboxFamily.EVM, "8453"),
        SandboxChain("ethereum", "Ethereum", SandboxFamily.EVM, "1"),
        SandboxChain("arbitrum", "Arbitrum", SandboxFamily.EVM, "42161"),
        SandboxChain("optimism", "Optimism", SandboxFamily.EVM, "10"),
        SandboxChain("polygon", "Polygon", SandboxFamily.EVM, "137"),
        SandboxChain("bsc", "BNB Smart Chain", SandboxFamily.EVM, "56"),
        SandboxChain("solana", "Solana", SandboxFamily.SOLANA, "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"),
        SandboxChain("tron", "Tron", SandboxFamily.TRON, "728126428"),
        SandboxChain("spark", "Spark", SandboxFamily.SPARK),
        SandboxChain("bitcoin", "Bitcoin", SandboxFamily.BITCOIN),
        SandboxChain("lightning", "Lightning", SandboxFamily.LIGHTNING),
    )
}

_ROWS: tuple[tuple[str, str, int, Kind, str | None], ...] = (
    ("base", "USDC", 6, Kind.STABLE, "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"),
    ("base", "USDT", 6, Kind.STABLE, "0xfde4C96c8593536E31F229EA8f37b2ADa2699bb2"),
    ("base", "cbBTC", 8, Kind.COIN, "0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf"),
    ("base", "ETH", 18, Kind.COIN, None),
    ("ethereum", "USDC", 6, Kind.STABLE, "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"),
    ("ethereum", "USDT", 6, Kind.STABLE, "0xdAC17F958D2ee523a2206206994597C13D831ec7"),
    ("ethereum", "ETH", 18, Kind.COIN, None),
    ("arbitrum", "USDC", 6, Kind.STABLE, "0xaf88d065e77c8cC2239327C5EDb3A432268e5831"),
    ("arbitrum", "USDT", 6, Kind.STABLE, "0xFd086bC7CD5C481DCC9C85ebE478A1C0b69FCbb9"),
    ("optimism", "USDC", 6, Kind.STABLE, "0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85"),
    ("optimism", "USDT", 6, Kind.STABLE, "0x94b008aA00579c1307B0EF2c499aD98a8ce58e58"),
    ("polygon", "USDC", 6, Kind.STABLE, "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359"),
    ("polygon", "USDC.e", 6, Kind.STABLE, "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174"),
    ("polygon", "USDT", 6, Kind.STABLE, "0xc2132d05d31c914a87c6611c10748aeb04b58e8f"),
    ("bsc", "USDC", 18, Kind.STABLE, "0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d"),
    ("bsc", "USDT", 18, Kind.STABLE, "0x55d398326f99059ff775485246999027b3197955"),
    ("solana", "USDC", 6, Kind.STABLE, "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"),
    ("solana", "USDT", 6, Kind.STABLE, "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB"),
    ("solana", "SOL", 9, Kind.COIN, None),
    ("tron", "USDT", 6, Kind.STABLE, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    ("tron", "USDC", 6, Kind.STABLE, "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8"),
    ("spark", "BTC", 8, Kind.BTC, None),
    ("spark", "USDB", 6, Kind.STABLE, "btkn1xgrvjwey5ngcagvap2dzzvsy4uk8ua9x69k82dwvt5e7ef9drm9qztux87"),
    ("bitcoin", "BTC", 8, Kind.BTC, None),
    ("lightning", "BTC", 8, Kind.BTC, None),
)

ASSETS: Mapping[tuple[str, str], Asset] = {
    (chain, symbol): Asset(CHAINS[chain], symbol, decimals, kind, contract)
    for chain, symbol, decimals, kind, contract in _ROWS
}

DOLLAR = 1_000_000
"""A US dollar in the unit of every price here: millionths of a dollar."""

OPENING_PRICES: Mapping[str, int] = {
    "BTC": 96_740 * DOLLAR,
    "cbBTC": 96_740 * DOLLAR,
    "ETH": 3_200 * DOLLAR,
    "SOL": 180 * DOLLAR,
    "USDB": DOLLAR,
    "USDC": DOLLAR,
    "USDC.e": DOLLAR,
    "USDT": DOLLAR,
}
"""Price of one whole asset, by symbol."""

MIN_NOTIONAL_CENTS = 80
MAX_NOTIONAL_CENTS = 9_030_000
"""Bounds of an order's worth in US cents, as a live sample of the limits showed them."""

INPUT_BUFFER_BPS = 2
"""How much a payer may overpay an exact-out order, in basis points of the required input."""

PLATFORM_CUT_PERCENT = 20
"""Share of every app fee that the platform keeps."""

AFFILIATE_FEE_BPS = 50
"""Fee of an affiliate that is not registered; the sandbox accepts every well-formed affiliate id."""
