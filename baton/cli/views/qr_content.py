"""What the QR code of an order holds, and when an order has none. Pure.

An onramp's code opens the payment app. A swap's code holds the chain's payment URI, or the bare address if wallets
agree on no URI or the asset is not known for certain. A wrong contract or amount in a code costs the payer's money, so
anything doubtful is left out.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from baton.cli.views.payment import awaits_payer
from baton.cli.views.values import moment
from baton.encoding.payment_uris import payment_uri
from baton.orchestra.rules.routes import AssetDetails, RouteCatalogue

if TYPE_CHECKING:
    from baton.chains.spec import ChainSpec
    from baton.orchestra.rules.objections import Routes
    from baton.orchestra.rules.routes import RouteAsset
    from baton.orders.answers import Snapshot

_LIGHTNING = "lightning"


class NoCode(ValueError):
    """The order has nothing to pay by a code; the text says why, and what to do instead."""


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


def find_asset(
    chain: str, symbol: str, chains: Mapping[str, "ChainSpec"], routes: "Routes | None"
) -> SourceAsset | None:
    """Return an asset's facts; None if neither source knows it, or if catalogue and routes disagree.

    Args:
        chain: The chain by the API's name.
        symbol: The asset by the API's name.
        chains: The chain catalogue.
        routes: The API's route list, if cached.
    """
    if chain == _LIGHTNING:
        return SourceAsset(None, 0)
    ours, theirs = _from_catalogue(chains.get(chain), symbol), _from_routes(routes, chain, symbol)
    if ours and theirs and (_plain(ours.contract), ours.decimals) != (_plain(theirs.contract), theirs.decimals):
        return None
    return ours or theirs


def qr_content(order: "Snapshot", asset: SourceAsset | None, now: datetime) -> str:
    """Return the content of the order's code.

    Args:
        order: Its snapshot.
        asset: The facts about the asset to pay in, see `find_asset`; None leaves the bare address.
        now: The present.

    Raises:
        NoCode: There is nothing to pay, or a code cannot be used for it.
    """
    if objection := _objection(order, now):
        raise NoCode(objection)
    if order.page is not None:
        assert order.page.deeplink is not None
        return order.page.deeplink
    assert order.deposit_address is not None
    uri = asset and payment_uri(
        order.source_chain, asset.contract, order.deposit_address, order.amount_in, asset.decimals, asset.chain_id
    )
    return uri or order.deposit_address


def _objection(order: "Snapshot", now: datetime) -> str | None:
    if order.outcome is not None:
        return f"no code: the order is closed as {order.outcome}; there is nothing left to pay"
    if order.page is not None and order.page.deeplink is None:
        return "no code: there is no invoice yet, Orchestra holds the order for a review; try again later"
    if order.phase == "quoting":
        return "no code: the order has no quote yet; try again in a moment"
    if not awaits_payer(order) or (order.page is None and _paid(order)):
        return "no code: a deposit is known already, and a second one would not belong to the order"
    if order.source_chain == _LIGHTNING and order.expires_at is not None and order.expires_at <= now:
        return f"no code: the invoice expired at {moment(order.expires_at)}"
    if order.deposit_memo:
        return "no code: the deposit needs a memo, which wallets do not read from a code; copy address and memo"
    return None


def _paid(order: "Snapshot") -> bool:
    """Whether any source reported a payment; if one did, the order no longer waits for the payer."""
    return order.proof is not None or order.waiting_for is None or order.waiting_for.who != "payer"


def _plain(contract: str | None) -> str | None:
    # Hexadecimal addresses come with or without checksum capitals; in other addresses case matters.
    return contract.lower() if contract and contract.startswith("0x") else contract


def _from_catalogue(spec: "ChainSpec | None", symbol: str) -> SourceAsset | None:
    if spec is None:
        return None
    if symbol == spec.native:
        return SourceAsset(None, spec.native_decimals, spec.chain_id)
    token = spec.tokens.get(symbol)
    return SourceAsset(token.contract, token.decimals, spec.chain_id) if token else None


def _from_routes(routes: "Routes | None", chain: str, symbol: str) -> SourceAsset | None:
    entry = _entry(routes, chain, symbol)
    # Without a contract it may be the chain's own coin, or a token whose entry is incomplete.
    if entry is None or entry.contract_address is None or entry.decimals is None or entry.decimals < 0:
        return None
    return SourceAsset(entry.contract_address, entry.decimals, entry.chain_id)


def _entry(routes: "Routes | None", chain: str, symbol: str) -> "AssetDetails | RouteAsset | None":
    if routes is None or isinstance(routes, RouteCatalogue):
        return routes.asset(f"{chain}:{symbol}") if routes else None
    sides = (side for pair in routes.routes for side in (pair.source, pair.destination) if side)
    return next((side for side in sides if (side.chain, side.asset) == (chain, symbol)), None)
