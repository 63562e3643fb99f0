"""The content of a deposit's QR code: the chain's own payment URI, where there is one. Pure.

Bitcoin has BIP 21, Lightning the scheme `lightning:`, EVM chains have EIP-681, and Solana has Solana Pay. Tron and
Spark have none that wallets agree on, so their QR codes contain the bare address. Amounts in smallest units.
"""

import re
from collections.abc import Callable, Mapping

from baton.encoding.addresses import EVM_CHAINS
from baton.encoding.units import whole

CHAIN_IDS: Mapping[str, int] = {
    "arbitrum": 42161,
    "avalanche": 43114,
    "base": 8453,
    "bsc": 56,
    "ethereum": 1,
    "hyperevm": 999,
    "monad": 143,
    "optimism": 10,
    "plasma": 9745,
    "polygon": 137,
}
"""EVM chain ids, for routes that do not name theirs."""

_NO_CONTRACTS = frozenset({"hypercore"})
"""Chains with EVM addresses but no EVM, so no transfer call to encode."""

_PLAIN = re.compile(r"[0-9A-Za-z]+")
_INVOICE = re.compile(r"ln[0-9a-z]+", re.IGNORECASE)

UriMaker = Callable[[str | None, str, str | None], str | None]


def payment_uri(
    chain: str,
    asset_contract: str | None,
    address: str,
    amount: int | None,
    decimals: int,
    chain_id: str | int | None = None,
) -> str | None:
    """Return the payment URI of a deposit; None where the chain has no standard one.

    Args:
        chain: The chain to deposit on, by the API's name.
        asset_contract: The token's contract or mint; None for the chain's own asset.
        address: The deposit address or invoice.
        amount: What to deposit, in smallest units; None leaves it to the payer.
        decimals: Decimals of the asset.
        chain_id: The EVM chain id from the routes; None uses the id of a well-known chain.
    """
    if not _PLAIN.fullmatch(address) or (asset_contract is not None and not _PLAIN.fullmatch(asset_contract)):
        return None
    if chain in EVM_CHAINS - _NO_CONTRACTS:
        return _evm(asset_contract, address, amount, _id_of(chain, chain_id))
    maker = _MAKERS.get(chain)
    return maker(asset_contract, address, None if amount is None else whole(amount, decimals)) if maker else None


def _id_of(chain: str, chain_id: str | int | None) -> int | None:
    text = str(chain_id) if chain_id is not None else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else CHAIN_IDS.get(chain)


def _query(**parameters: str | None) -> str:
    query = "&".join(f"{name.replace('_', '-')}={value}" for name, value in parameters.items() if value is not None)
    return f"?{query}" if query else ""


def _evm(contract: str | None, address: str, amount: int | None, chain_id: int | None) -> str | None:
    if chain_id is None:
        return None
    units = None if amount is None else str(amount)
    if contract is None:
        return f"ethereum:{address}@{chain_id}{_query(value=units)}"
    return f"ethereum:{contract}@{chain_id}/transfer{_query(address=address, uint256=units)}"


def _bitcoin(contract: str | None, address: str, amount: str | None) -> str | None:
    return None if contract else f"bitcoin:{address}{_query(amount=amount)}"


def _lightning(contract: str | None, address: str, amount: str | None) -> str | None:
    # Upper case nearly halves the QR code's size. The invoice contains the amount.
    return f"LIGHTNING:{address.upper()}" if _INVOICE.fullmatch(address) else None


def _solana(contract: str | None, address: str, amount: str | None) -> str | None:
    return f"solana:{address}{_query(amount=amount, spl_token=contract)}"


_MAKERS: Mapping[str, UriMaker] = {"bitcoin": _bitcoin, "lightning": _lightning, "solana": _solana}
