"""Decimals of the assets in the shipped catalogue, for showing amounts in whole units."""

from functools import cache

from baton.chains.catalogue import load_chains

LIGHTNING = "lightning"


def decimals_of(chain: str, asset: str) -> int | None:
    """Return the decimals of an asset by its symbol; None if the catalogue does not list it."""
    return _shipped().get((chain, asset))


@cache
def _shipped() -> dict[tuple[str, str], int]:
    table: dict[tuple[str, str], int] = {}
    for name, chain in load_chains().items():
        table[name, chain.native] = chain.native_decimals
        table |= {(name, symbol): token.decimals for symbol, token in chain.tokens.items()}
    # Lightning moves the coin of the Bitcoin chain, and is no chain that could be watched.
    table[LIGHTNING, "BTC"] = table["bitcoin", "BTC"]
    return table
