"""What a payment code of an order holds: the payment URI, the deeplink of the payment app, or the bare address. Pure.

A wrong contract or amount in a code costs the payer's money, so anything doubtful is left out.
"""

from collections.abc import Mapping
from typing import NamedTuple

from baton.chains.spec import ChainSpec
from baton.encoding.payment_uris import payment_uri
from baton.orchestra.rules.objections import Routes
from baton.orchestra.rules.routes import AssetDetails, RouteAsset, RouteCatalogue
from baton.orders.answers import Snapshot

LIGHTNING = "lightning"


class SourceAsset(NamedTuple):
    """What a payment URI needs to know of an asset.

    Attributes:
        contract: The token's contract or mint; None for the chain's own coin.
        decimals: Its decimals.
        chain_id: The EVM chain id, if known.
    """

    contract: str | None
    decimals: int
    chain_id: str | int | None = None


def find_asset(chain: str, symbol: str, chains: Mapping[str, ChainSpec], routes: Routes | None) -> SourceAsset | None:
    """Return an asset's facts; None if neither source knows it, or if catalogue and routes disagree.

    Args:
        chain: The chain by the API's name.
        symbol: The asset by the API's name.
        chains: The chain catalogue.
        routes: The API's route list, if cached.
    """
    if chain == LIGHTNING:
        return SourceAsset(None, 0)
    ours, theirs = _from_catalogue(chains.get(chain), symbol), _from_routes(routes, chain, symbol)
    if ours and theirs and (_plain(ours.contract), ours.decimals) != (_plain(theirs.contract), theirs.decimals):
        return None
    return ours or theirs


def payment_content(order: Snapshot, asset: SourceAsset | None) -> str:
    """Return what the code of an order holds that has something to pay.

    Args:
        order: The order's snapshot, with a deeplink or a deposit address.
        asset: The facts about the asset to pay in, see `find_asset`; None leaves the bare address.
    """
    if order.page is not None and order.page.deeplink is not None:
        return order.page.deeplink
    assert order.deposit_address is not None
    uri = asset and payment_uri(
        order.source_chain, asset.contract, order.deposit_address, order.amount_in, asset.decimals, asset.chain_id
    )
    return uri or order.deposit_address


def _plain(contract: str | None) -> str | None:
    # Hexadecimal addresses come with or without checksum capitals; in other addresses case matters.
    return contract.lower() if contract and contract.startswith("0x") else contract


def _from_catalogue(spec: ChainSpec | None, symbol: str) -> SourceAsset | None:
    if spec is None:
        return None
    if symbol == spec.native:
        return SourceAsset(None, spec.native_decimals, spec.chain_id)
    token = spec.tokens.get(symbol)
    return SourceAsset(token.contract, token.decimals, spec.chain_id) if token else None


def _from_routes(routes: Routes | None, chain: str, symbol: str) -> SourceAsset | None:
    entry = _entry(routes, chain, symbol)
    # Without a contract it may be the chain's own coin, or a token whose entry is incomplete.
    if entry is None or entry.contract_address is None or entry.decimals is None or entry.decimals < 0:
        return None
    return SourceAsset(entry.contract_address, entry.decimals, entry.chain_id)


def _entry(routes: Routes | None, chain: str, symbol: str) -> AssetDetails | RouteAsset | None:
    if routes is None or isinstance(routes, RouteCatalogue):
        return routes.asset(f"{chain}:{symbol}") if routes else None
    sides = (side for pair in routes.routes for side in (pair.source, pair.destination) if side)
    return next((side for side in sides if (side.chain, side.asset) == (chain, symbol)), None)
