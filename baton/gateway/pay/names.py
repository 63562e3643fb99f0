"""How chains are called on the payer page. Pure."""

_NAMES = {
    "bsc": "BNB Smart Chain",
    "hyperevm": "HyperEVM",
    "hypercore": "HyperCore",
    "lightning": "Bitcoin Lightning",
}


def chain_name(chain: str) -> str:
    """Return a chain's name for people, such as `Base`."""
    return _NAMES.get(chain, chain.replace("_", " ").title())
