"""How chains are called for people, and where anybody can look a transaction up. Pure."""

from collections.abc import Mapping
from functools import cache

from baton.chains.catalogue import load_chains

_NAMES = {
    "bsc": "BNB Smart Chain",
    "hyperevm": "HyperEVM",
    "hypercore": "HyperCore",
    "lightning": "Bitcoin Lightning",
}


def chain_name(chain: str) -> str:
    """Return a chain's name for people, such as `Base`."""
    return _NAMES.get(chain, chain.replace("_", " ").title())


def transaction_page(chain: str, transaction: str) -> str | None:
    """Return the page of a public explorer about a transaction; None for a chain without one, or what is no id."""
    explorer = _explorers().get(chain)
    if explorer is None or not (transaction.isascii() and transaction.isalnum()):
        return None
    return explorer.replace("{tx}", transaction)


@cache
def _explorers() -> Mapping[str, str | None]:
    """Return the explorers of the shipped chains, read once: checking the catalogue takes 20 ms of CPU."""
    return {name: spec.explorer for name, spec in load_chains().items()}
