"""The tokens that the partner API's routes list, as a chain's reader spells them. Pure.

The routes say which contract the partner API takes for an asset, so they name a contract before the chain's own
configuration does. Where the two name different contracts for one symbol, both count: the partner API decides.
"""

from collections.abc import Iterable

from baton.chains.evm.codec import EvmCodec
from baton.chains.solana.accounts import public_key
from baton.chains.spark.transactions import same_token
from baton.chains.spec import ChainSpec, Family, KnownToken
from baton.chains.tron import TronCodec


def with_route_tokens(spec: ChainSpec, listed: Iterable[KnownToken]) -> ChainSpec:
    """Return a chain that also knows these tokens, besides those that it already has from the routes.

    An entry that names no contract of this chain, or the contract of its own coin, is left out.
    """
    tokens = {token.contract: token for token in spec.route_tokens}
    decimals = {token.contract: token.decimals for token in spec.tokens.values()}
    for token in listed:
        contract = _canonical(spec, token.contract)
        if contract is not None and token.symbol != spec.native:
            shown = decimals.get(contract) if token.decimals is None else token.decimals
            tokens[contract] = KnownToken(token.symbol, contract, shown)
    configured = {KnownToken(symbol, token.contract, token.decimals) for symbol, token in spec.tokens.items()}
    new = tuple(token for token in tokens.values() if token not in configured)
    return spec.with_routes(new)


def _canonical(spec: ChainSpec, contract: str) -> str | None:
    """Return a contract in the chain's canonical spelling; None if it is none."""
    match spec.family:
        case Family.EVM | Family.TRON:
            codec = EvmCodec() if spec.family is Family.EVM else TronCodec()
            raw = codec.encode(contract)
            return None if raw is None else codec.decode(raw)
        case Family.SOLANA:
            return contract if _is_public_key(contract) else None
        case Family.SPARK:
            known = (token.contract for token in spec.known_tokens)
            return next((spelling for spelling in known if same_token(spelling, contract)), contract)
        case Family.BITCOIN:
            return None


def _is_public_key(address: str) -> bool:
    try:
        return bool(public_key(address))
    except ValueError:
        return False
